import type { TriedOutput } from '../protocol.js';

/** Classes that are listed. */
const LISTED = 5;

interface Props {
  readonly output: TriedOutput;
  readonly labels: readonly string[];
}

/** The highest scores of both models; the same class stands on the same line. */
export function Scores({ output: { float, quantized }, labels }: Props) {
  const order = highest(float, LISTED);
  const first = highest(quantized, 1)[0];
  const listed = first === undefined || order.includes(first) ? order : [...order.slice(0, LISTED - 1), first];
  const isShares = [float, quantized].every((scores) => scores.every((x) => x >= -1e-6 && x <= 1 + 1e-6));
  const all = listed.flatMap((i) => [float[i] as number, quantized[i] as number]);
  const [low, high] = isShares ? [0, 1] : [Math.min(0, ...all), Math.max(...all)];
  const part = (x: number) => (high > low ? (x - low) / (high - low) : 0);
  const text = (x: number) => (isShares ? `${(x * 100).toFixed(1)} %` : x.toPrecision(4));
  return (
    <div class="scores">
      <p class="scores-keys">
        <span class="key-before">float32</span>
        <span class="key-after">quantized</span>
      </p>
      <ol>
        {listed.map((i) => (
          <li key={i} class={i === order[0] ? 'is-first' : ''}>
            <span class="score-label">{labels[i] ?? i}</span>
            <span class="score-bars" aria-hidden="true">
              <span class="score-before" style={{ '--part': part(float[i] as number) }} />
              <span class="score-after" style={{ '--part': part(quantized[i] as number) }} />
            </span>
            <span class="score-numbers">
              <span>
                <span class="unseen">float32 </span>
                {text(float[i] as number)}
              </span>
              <span>
                <span class="unseen">quantized </span>
                {text(quantized[i] as number)}
              </span>
            </span>
          </li>
        ))}
      </ol>
      <p class="verdict">
        {first === order[0] ? 'Both say the same.' : `The quantized model says ${labels[first ?? 0] ?? first} instead.`}
      </p>
    </div>
  );
}

/** Indices of the highest elements, highest first. */
function highest(scores: Float32Array, count: number): number[] {
  return Array.from(scores.keys())
    .sort((a, b) => (scores[b] as number) - (scores[a] as number))
    .slice(0, count);
}
