import { execFile } from 'node:child_process';

/** Commands of a guide, and what they print as it says: null where it shows nothing. */
export interface Step {
  readonly commands: string;
  readonly output: string | null;
}

export interface Stage {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** The `sh` blocks under each `##` heading of a Markdown text, each with the `text` block right behind it. */
export function stagesOf(markdown: string): readonly Stage[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')),
      steps: [...section.matchAll(/^```sh\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm)].map(
        ([, commands = '', output]) => ({ commands, output: output ?? null }),
      ),
    }));
}

/** What a shell says to commands, on both its outputs in the order in which it came. */
export function run(commands: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['-c', `exec 2>&1\n${commands}`],
      { cwd, env: { PATH: process.env['PATH'], ...env } },
      (_, output) => resolve(output),
    );
  });
}

/** Matches an output as a guide shows it: `…` stands for anything in a line, and versions of libraries may differ. */
export function shown(output: string): RegExp {
  const literal = output.trimEnd().replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  const pattern = literal.replaceAll('…', '.*').replaceAll(/\d+\\\.\d+\\\.\d+/g, String.raw`\d+(?:\.\d+)+`);
  return new RegExp(`^${pattern}$`);
}
