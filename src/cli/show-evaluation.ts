import type { EvaluatedModel, Evaluation } from '../evaluate/evaluate.js';
import type { Figure } from '../evaluate/metrics/types.js';
import { percentText } from '../numerics/number-text.js';
import { columns, formatBytes, formatNumber, styled } from './terminal.js';

const shown = ({ kind }: Figure, value: number): string =>
  kind === 'share' ? percentText(value, 2) : formatNumber(value);

/** The table of an evaluation. */
export function evaluationText({ models, samples, task }: Evaluation): string[] {
  const figures = models[0]?.figures ?? [];
  const head = [
    'model',
    'bytes',
    ...figures.map((f) => f.metric),
    ...(models.some((m) => m.pair) ? ['against the first'] : []),
  ];
  const rows = models.map((m) => [m.name, formatBytes(m.bytes), ...m.figures.map(figureText), ...pairText(m)]);
  return [
    ...columns([head.map((h) => styled('bold', h)), ...rows], [1, ...figures.map((_, i) => i + 2)]),
    `${samples} samples, ${task}; in brackets 95 % intervals`,
  ];
}

function figureText(figure: Figure): string {
  const { value, low, high } = figure;
  const range = low < value || high > value ? ` (${shown(figure, low)} – ${shown(figure, high)})` : '';
  return `${shown(figure, value)}${range}`;
}

/** On how many samples only one of the two is right, and whether that can be chance. */
function pairText({ pair }: EvaluatedModel): string[] {
  if (!pair) return [''];
  const { onlyFirst, onlyThis, p } = pair;
  return [`${onlyThis} gained, ${onlyFirst} lost (p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)})`];
}
