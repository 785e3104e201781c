import { Option, type Command } from 'commander';
import { parseGatewayUrl } from './gateway-url.js';

/** What every verb takes that steers a gateway through its admin listener. */
export interface SteeringOptions {
  readonly admin: string;
  readonly token?: string;
  readonly json?: true;
}

/** Adds the options of {@link SteeringOptions} to a verb. */
export function steering(verb: Command): Command {
  return verb
    .addOption(
      new Option('--admin <url>', 'the admin listener')
        .env('BANYAN_ADMIN')
        .default('http://127.0.0.1:8081')
        .argParser(parseGatewayUrl),
    )
    .addOption(new Option('--token <token>', 'who you are; better kept in the environment').env('BANYAN_TOKEN'))
    .option('--json', 'print what the API answered');
}
