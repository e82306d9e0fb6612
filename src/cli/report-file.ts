import { cpus } from 'node:os';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { writeFileAtomically } from '../node/files.js';
import type { ReportData } from '../report/report-data.js';
import { shellQuoted } from '../report/shell-quoted.js';
import { techniquesOf } from './quantized-form.js';
import { type ReportRequest, reportSubjects } from './report-subjects.js';
import { formatBytes, say } from './terminal.js';
import { version } from './version.js';

/** What commander makes of the flags of `report`. */
export interface ReportFlags extends ReportRequest {
  readonly out: string;
  readonly outIsGiven?: boolean;
  readonly title?: string;
  readonly svg?: string;
  readonly png?: string;
}

/** Makes a report of models and writes it. */
export async function runReport(paths: readonly string[], flags: ReportFlags): Promise<void> {
  const subjects = await reportSubjects(paths, flags);
  const names = subjects.map((s) => s.name);
  const data: ReportData = {
    schema: 'tersor-report-1',
    title: flags.title ?? `What quantization does to ${listed(names)}`,
    environment: {
      tersor: version(),
      runtime: `Tersor on Node ${process.version}`,
      platform: `${platform} ${arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      threads: 1,
      runs: flags.runs,
    },
    commands: commandsOf(paths, flags),
    subjects,
  };
  const { reportHtml, reportCharts, toPng } = await import('./report-view.js');
  if (!flags.json || flags.outIsGiven) {
    const bytes = writeText(flags.out, await reportHtml(data));
    if (!flags.json) say(`${flags.out}: ${formatBytes(bytes)}`);
  }
  if (flags.svg !== undefined || flags.png !== undefined)
    for (const [name, svg] of reportCharts(data)) {
      if (flags.svg !== undefined) writeText(join(flags.svg, `${name}.svg`), svg);
      if (flags.png !== undefined) writeFileAtomically(join(flags.png, `${name}.png`), [await toPng(svg)]);
    }
  if (flags.json) process.stdout.write(`${JSON.stringify(data)}\n`);
}

const writeText = (path: string, text: string): number => writeFileAtomically(path, [new TextEncoder().encode(text)]);

/** `a`, `a and b`, `a, b and c`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** What makes the same report, and each of its comparisons. */
function commandsOf(paths: readonly string[], flags: ReportFlags): string[] {
  const { samples, seed, input = [], normalize, data, labels, task, labelOffset } = flags;
  const both = [
    ['samples', samples],
    ['seed', seed],
    ...input.map((file) => ['input', file]),
    ...Object.entries(flags.inputShape ?? {}).map(([name, shape]) => ['input-shape', `${name}=${shape}`]),
    ['normalize', normalize],
  ] as const;
  const labelled = [
    ['data', data],
    ['labels', labels],
    ['task', task],
    ['label-offset', labelOffset],
  ] as const;
  const report = [
    ['quantize', flags.quantize],
    ...both,
    ['runs', flags.runs],
    ['warmup-ms', flags.warmupMs],
    ...(flags.evaluation ?? []).map((file) => ['evaluation', file]),
    ...(data === undefined ? [] : labelled),
  ] as const;
  return [
    commandLine('report', paths, report),
    ...paths.flatMap((path) =>
      techniquesOf(flags.quantize).map((t) => commandLine('compare', [path], [['quantize', t], ...both])),
    ),
  ];
}

type Flag = readonly (string | number | undefined)[];

const commandLine = (command: string, paths: readonly string[], flags: readonly Flag[]): string =>
  ['tersor', command, ...paths, ...flags.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))]
    .map((word) => shellQuoted(String(word)))
    .join(' ');
