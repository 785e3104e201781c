import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.js';
import { revisionChanged, tripBegan } from './queries.js';
import { backends, calls, comparison, gateway, latency, share } from './sections.js';

/** The dashboard as Grafana's provisioning reads it. */
export function dashboardJson(): string {
  const built = dashboard().build();
  for (const [at, panel] of (built.panels ?? []).entries()) panel.id = at + 1;
  return `${JSON.stringify(built, null, 2)}\n`;
}

// The newer form of the builders is read by Grafana 12 and later alone; this one by every Grafana in use.
/* eslint-disable @typescript-eslint/no-deprecated */
function dashboard(): DashboardBuilder {
  const board = new DashboardBuilder('Banyan: migration')
    .uid('banyan-migration')
    .description('Legacy and wasm side by side: latency, outcomes, and who answers how much.')
    .tags(['banyan'])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(choice('plugin', 'Plugin', 'label_values(banyan_route_percent, plugin)'))
    .withVariable(choice('function', 'Function', 'label_values(banyan_route_percent{plugin=~"$plugin"}, function)'))
    .annotation(marks('Revision changed', 'blue', revisionChanged, '{{instance}}'))
    .annotation(marks('Trip', 'red', tripBegan, '{{plugin}}/{{function}}'));
  for (const { title, panels } of [share, latency, comparison, calls, backends, gateway]) {
    board.withRow(new RowBuilder(title));
    for (const panel of panels) board.withPanel(panel);
  }
  return board;
}

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function marks(title: string, color: string, expr: string, text: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(title)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('1m')
    .titleFormat(title)
    .textFormat(text);
}
