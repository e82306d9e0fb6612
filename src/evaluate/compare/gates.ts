import { decibelText } from '../../numerics/number-text.js';
import type { Comparison } from './types.js';

/** What a comparison must hold for a check to pass. */
export interface GateLimits {
  /** Most bytes of B, or most of A's bytes in percent. */
  readonly maxSize?: { readonly bytes: number } | { readonly percent: number } | undefined;
  /** Least SQNR of every output, dB. */
  readonly minSqnr?: number | undefined;
  /** Most rows whose highest element may differ, in percentage points. */
  readonly maxDrop?: number | undefined;
  /** An earlier comparison that this one may not fall behind. */
  readonly baseline?: Baseline | undefined;
}

/** What is kept of a comparison for later ones. */
export interface Baseline {
  readonly bytes: number;
  readonly outputs: Readonly<Record<string, { readonly sqnrDb: number | null; readonly top1Agreement: number | null }>>;
}

/** One check, and how it went. */
export interface Gate {
  readonly name: string;
  readonly passed: boolean;
  /** What was found and what was wanted. */
  readonly text: string;
}

/** How far figures may fall behind a baseline: size in percent, SQNR in dB, agreement in points. */
const SLACK = { size: 1, sqnr: 0.5, agreement: 0.1 };

export const baselineOf = ({ b, outputs }: Comparison): Baseline => ({
  bytes: b.bytes,
  outputs: Object.fromEntries(outputs.map((o) => [o.name, { sqnrDb: o.error.sqnrDb, top1Agreement: o.top1Agreement }])),
});

const points = (share: number): string => `${(100 * share).toFixed(2)} points`;

/** Holds a comparison against limits, in a fixed order. */
export function checkGates(comparison: Comparison, limits: GateLimits): Gate[] {
  return [
    ...(limits.maxSize ? [sizeGate(comparison, limits.maxSize)] : []),
    ...(limits.minSqnr === undefined ? [] : sqnrGates(comparison, limits.minSqnr)),
    ...(limits.maxDrop === undefined ? [] : dropGates(comparison, limits.maxDrop)),
    ...(limits.baseline ? baselineGates(comparison, limits.baseline) : []),
  ];
}

function sizeGate({ a, b }: Comparison, limit: { readonly bytes: number } | { readonly percent: number }): Gate {
  const most = 'bytes' in limit ? limit.bytes : Math.floor((limit.percent / 100) * a.bytes);
  const wanted = 'bytes' in limit ? `${most}` : `${most} (${limit.percent} % of ${a.bytes})`;
  return { name: 'size', passed: b.bytes <= most, text: `${b.bytes} bytes, at most ${wanted} wanted` };
}

const isNan = (comparison: Comparison, name: string): boolean =>
  (comparison.outputs.find((o) => o.name === name)?.error.notFinite ?? 0) > 0;

function sqnrGates(comparison: Comparison, least: number): Gate[] {
  return comparison.outputs.map(({ name, error }) => ({
    name: `SQNR of ${name}`,
    passed: (error.sqnrDb === null || error.sqnrDb >= least) && !isNan(comparison, name),
    text: `${decibelText(error.sqnrDb)}${isNan(comparison, name) ? ' with elements that are not finite' : ''}, at least ${least} dB wanted`,
  }));
}

function dropGates({ outputs }: Comparison, most: number): Gate[] {
  const classes = outputs.filter((o) => o.top1Agreement !== null);
  if (classes.length === 0)
    return [{ name: 'top-1 agreement', passed: false, text: 'no output has rows of two or more elements to rank' }];
  return classes.map(({ name, top1Agreement }) => {
    const drop = 1 - (top1Agreement as number);
    return {
      name: `top-1 agreement of ${name}`,
      passed: 100 * drop <= most + 1e-9,
      text: `differs by ${points(drop)}, at most ${most} wanted`,
    };
  });
}

function baselineGates(comparison: Comparison, baseline: Baseline): Gate[] {
  const most = Math.floor(baseline.bytes * (1 + SLACK.size / 100));
  const gates: Gate[] = [
    {
      name: 'size against the baseline',
      passed: comparison.b.bytes <= most,
      text: `${comparison.b.bytes} bytes, ${baseline.bytes} before`,
    },
  ];
  for (const [name, before] of Object.entries(baseline.outputs)) {
    const now = comparison.outputs.find((o) => o.name === name);
    if (!now) {
      gates.push({ name: `output ${name}`, passed: false, text: 'the output is gone' });
      continue;
    }
    const least = (before.sqnrDb ?? Infinity) - SLACK.sqnr;
    gates.push({
      name: `SQNR of ${name} against the baseline`,
      passed: now.error.sqnrDb === null || now.error.sqnrDb >= least,
      text: `${decibelText(now.error.sqnrDb)}, ${decibelText(before.sqnrDb)} before`,
    });
    if (before.top1Agreement !== null)
      gates.push({
        name: `top-1 agreement of ${name} against the baseline`,
        passed: 100 * (before.top1Agreement - (now.top1Agreement ?? 0)) <= SLACK.agreement + 1e-9,
        text: `${points(now.top1Agreement ?? 0)}, ${points(before.top1Agreement)} before`,
      });
  }
  return gates;
}
