const [WIDTH, HEIGHT] = [1200, 200];
const LEVEL = 26;

/** A smooth signal: where it is at x, in the picture's units. */
const signal = (x: number): number =>
  HEIGHT / 2 - 74 * Math.sin(x * 0.0105 + 0.6) * (0.72 + 0.28 * Math.cos(x * 0.0043)) - 19 * Math.sin(x * 0.031 + 1.1);

const smooth = Array.from(
  { length: WIDTH / 6 + 1 },
  (_, i) => `${i === 0 ? 'M' : 'L'}${i * 6} ${signal(i * 6).toFixed(1)}`,
).join('');

/** The same signal on a few levels: what quantization makes of it. */
const stairs = (() => {
  const level = (x: number) => HEIGHT / 2 + Math.round((signal(x) - HEIGHT / 2) / LEVEL) * LEVEL;
  let path = `M0 ${level(0)}`;
  let at = level(0);
  for (let x = 2; x <= WIDTH; x += 2) {
    if (level(x) === at) continue;
    at = level(x);
    path += `H${x}V${at}`;
  }
  return `${path}H${WIDTH}`;
})();

/** A curve whose first part, 0..1, has become steps: the picture of the work, and of how far it is. */
export function Wave({ part }: { readonly part: number }) {
  const x = Math.max(0, Math.min(1, part)) * WIDTH;
  return (
    <svg class="wave" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <clipPath id="wave-done">
        <rect x="0" y="0" width={x} height={HEIGHT} />
      </clipPath>
      <clipPath id="wave-rest">
        <rect x={x} y="0" width={WIDTH - x} height={HEIGHT} />
      </clipPath>
      <path class="wave-ghost" d={smooth} clip-path="url(#wave-done)" />
      <path class="wave-smooth" d={smooth} clip-path="url(#wave-rest)" />
      <path class="wave-steps" d={stairs} clip-path="url(#wave-done)" />
    </svg>
  );
}
