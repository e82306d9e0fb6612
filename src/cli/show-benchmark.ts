import { percentText } from '../numerics/number-text.js';
import type { BenchmarkReport, BenchmarkResult, ProfiledNode } from '../report/benchmark.js';
import { gopsOf, totalsByOperator } from '../report/profile.js';
import { columns, formatBytes, formatMs, formatNumber, styled } from './terminal.js';

/** Nodes of a profile that are listed; the others are counted. */
const LISTED = 30;

const bold = (texts: readonly string[]): string[] => texts.map((t) => styled('bold', t));

/** The tables of a benchmark. */
export function benchmarkText(report: BenchmarkReport): string[] {
  const { results, threads, numerics, node, platform, peakBytes, baseBytes } = report;
  const n = results[0]?.latencyMs.n ?? 0;
  const head = ['model', 'load', 'first', 'min', 'median', 'p90', 'p99', 'mean'];
  const isComparison = results.length > 1;
  const rows = results.map((r) => [...resultRow(r), ...(isComparison ? [ratioText(r)] : [])]);
  return [
    ...columns([bold([...head, ...(isComparison ? ['ratio'] : [])]), ...rows], [1, 2, 3, 4, 5, 6, 7, 8]),
    '',
    `${n} runs${isComparison ? ', in turns' : ''}; ${threads} thread${threads === 1 ? '' : 's'}, ${numerics} numerics; Node ${node}, ${platform}`,
    ...(isComparison ? ['ratio of the medians; in brackets, that of the middle half of the rounds'] : []),
    `peak memory ${formatBytes(peakBytes)}, of which ${formatBytes(baseBytes)} before the first model`,
    ...results.flatMap((r) =>
      r.largestDifference === undefined
        ? []
        : [`outputs of ${r.name} differ by at most ${formatNumber(r.largestDifference)}`],
    ),
    ...results.flatMap((r) => (r.profile ? profileText(r.name, r.profile) : [])),
  ];
}

function resultRow({ name, loadMs, firstMs, latencyMs }: BenchmarkResult): string[] {
  const { min, median, p90, p99, mean } = latencyMs;
  return [name, ...[loadMs, firstMs, min, median, p90, p99, mean].map(formatMs)];
}

/** `1.83x (1.80–1.86)`: ratio of the medians, and the quartiles of the ratios of the rounds. */
function ratioText({ ratio }: BenchmarkResult): string {
  if (!ratio) return '1x';
  const [of, low, high] = [ratio.ofMedians, ratio.low, ratio.high].map((x) => x.toPrecision(3));
  return `${of}x (${low}–${high})`;
}

function profileText(model: string, profile: readonly ProfiledNode[]): string[] {
  const total = profile.reduce((sum, p) => sum + p.ms, 0);
  const share = (ms: number) => percentText(ms / (total || 1));
  const work = (p: { ms: number; macs: number; bytes: number }) => [
    formatMs(p.ms),
    share(p.ms),
    p.macs > 0 ? countText(p.macs) : '',
    formatBytes(p.bytes),
    gopsOf(p)?.toPrecision(3) ?? '',
  ];
  const measures = ['time', 'share', 'MACs', 'bytes', 'GOP/s'];
  const slowest = [...profile].sort((a, b) => b.ms - a.ms);
  const hasRoofline = profile.some((p) => p.roofline);
  const roofline = ({ roofline: r }: ProfiledNode) =>
    hasRoofline ? [r ? `${percentText(r.share)} ${r.bound}` : ''] : [];
  const isNested = profile.some((p) => p.times !== undefined);
  const times = ({ times: n }: ProfiledNode) => (isNested ? [n === undefined ? '' : `${n}`] : []);
  const nodes = slowest.slice(0, LISTED).map((p) => [p.op, p.name, ...times(p), ...work(p), ...roofline(p), p.kernel]);
  const head = [
    'op',
    'node',
    ...(isNested ? ['times'] : []),
    ...measures,
    ...(hasRoofline ? ['roofline'] : []),
    'kernel',
  ];
  const totals = totalsByOperator(profile).map((t) => [t.op, `${t.nodes}`, ...work(t)]);
  const rest = profile.length - nodes.length;
  return [
    '',
    `${styled('bold', model)} by node, slowest first: ${formatMs(total)} in all`,
    ...columns(
      [bold(head), ...nodes],
      head.flatMap((name, i) => (name === 'times' || measures.includes(name) ? [i] : [])),
    ),
    ...(rest > 0 ? [`… and ${rest} more (--json has all)`] : []),
    ...(hasRoofline
      ? ['roofline: the shortest time that arithmetic, or memory, allows here, over the time taken']
      : []),
    '',
    'by operator',
    ...columns([bold(['op', 'nodes', ...measures]), ...totals], [1, 2, 3, 4, 5, 6]),
  ];
}

/** `1.23M`, in decimal units. */
function countText(n: number): string {
  const [value, unit] = n >= 1e9 ? [n / 1e9, 'G'] : n >= 1e6 ? [n / 1e6, 'M'] : n >= 1e3 ? [n / 1e3, 'k'] : [n, ''];
  return unit === '' ? `${value}` : `${value.toPrecision(3)}${unit}`;
}
