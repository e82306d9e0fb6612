import { useEffect, useRef } from 'preact/hooks';
import type { TriedOutput } from '../protocol.js';
import { imageSizes } from './input-kind.js';

/** An output that is a picture: from both models, and their difference made visible. */
export function OutputImage({ output }: { readonly output: TriedOutput }) {
  const { float, quantized } = output;
  const difference = float.map((x, i) => Math.abs(x - (quantized[i] as number)));
  return (
    <div class="output-images">
      <Picture output={output} values={float} title="float32" />
      <Picture output={output} values={quantized} title="quantized" />
      <Picture output={output} values={difference} title="difference, stretched" isOwnRange />
    </div>
  );
}

interface PictureProps {
  readonly output: TriedOutput;
  readonly values: Float32Array;
  readonly title: string;
  /** White is the largest of these values, not of the model's. */
  readonly isOwnRange?: boolean;
}

function Picture({ output, values, title, isOwnRange = false }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const sizes = imageSizes(output.shape);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !sizes) return;
    const { width, height } = sizes;
    const pixels = pixelsOf(values, sizes, rangeOf(isOwnRange ? values : output.float));
    context.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [values]);
  return (
    <figure>
      <canvas
        ref={canvas}
        width={sizes?.width ?? 1}
        height={sizes?.height ?? 1}
        role="img"
        aria-label={`${output.name}, ${title}`}
      />
      <figcaption>{title}</figcaption>
    </figure>
  );
}

function rangeOf(values: Float32Array): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const x of values) {
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return [Math.min(low, 0), Math.max(high, low + 1e-6)];
}

type Sizes = NonNullable<ReturnType<typeof imageSizes>>;

function pixelsOf(
  values: Float32Array,
  sizes: Sizes,
  [low, high]: readonly [number, number],
): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, channels, isChannelsFirst } = sizes;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  const plane = width * height;
  for (let i = 0; i < plane; i++)
    for (let c = 0; c < 3; c++) {
      const from = Math.min(c, channels - 1);
      const x = values[isChannelsFirst ? from * plane + i : i * channels + from] as number;
      pixels[i * 4 + c] = ((x - low) / (high - low)) * 255;
    }
  return pixels;
}
