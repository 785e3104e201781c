import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DynamicConfigValue, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that the reader picked. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

interface PanelShape {
  readonly title: string;
  readonly description: string;
  /** Of the 24 columns of the grid. */
  readonly width: number;
  readonly unit: string;
}

/** Legends and what they stand for, in the order in which they are drawn. */
export type Queries = Readonly<Record<string, string>>;

/** Lines over time; those of legacy and of wasm keep their colours on every panel. */
export function lines({ title, description, width, unit }: PanelShape, queries: Queries): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .span(width)
    .height(8)
    .unit(unit)
    .min(0)
    .fillOpacity(5)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    .overrideByRegexp('/\\blegacy\\b/', shadesOf('orange'))
    .overrideByRegexp('/\\bwasm\\b/', shadesOf('purple'))
    .targets(targets(queries));
}

/** One number a series: its latest. */
export function numbers({ title, description, width, unit }: PanelShape, queries: Queries): StatBuilder {
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .span(width)
    .height(4)
    .unit(unit)
    .graphMode(common.BigValueGraphMode.None)
    .targets(targets(queries));
}

/** A band a series, coloured by its value: `names` gives the values 0 and 1 a word and a colour each. */
export function states(
  { title, description, width }: Omit<PanelShape, 'unit'>,
  names: readonly [zero: readonly [word: string, color: string], one: readonly [word: string, color: string]],
  queries: Queries,
): StateTimelineBuilder {
  const options = Object.fromEntries(names.map(([text, color], index) => [String(index), { text, color, index }]));
  const mapping: ValueMapping = { type: MappingType.ValueToText, options };
  return new StateTimelineBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .span(width)
    .height(8)
    .showValue(common.VisibilityMode.Never)
    .mappings([mapping])
    .targets(targets(queries));
}

/** The labels of an instant query's series as rows. */
export function rows({ title, description, width }: Omit<PanelShape, 'unit'>, query: string): TableBuilder {
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .span(width)
    .height(8)
    .withTransformation({ id: 'organize', options: { excludeByName: { Time: true, Value: true } } })
    .withTarget(new DataqueryBuilder().refId('A').expr(query).instant().format(PromQueryFormat.Table));
}

function targets(queries: Queries): Builder<Dataquery>[] {
  return Object.entries(queries).map(([legend, expr], at) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + at))
      .expr(expr)
      .legendFormat(legend)
      .range(),
  );
}

function shadesOf(fixedColor: string): DynamicConfigValue[] {
  return [{ id: 'color', value: { mode: 'shades', fixedColor } }];
}
