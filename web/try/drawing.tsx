import { useEffect, useRef, useState } from 'preact/hooks';
import type { Given } from '../protocol.js';
import { FileButton } from './file-button.js';
import type { InputKind } from './input-kind.js';

interface Props {
  readonly kind: InputKind & { readonly kind: 'drawing' | 'image' };
  readonly give: (given: Given) => void;
}

/** Side of the field in its own pixels. */
const SIDE = 280;
/** Share of the field that a drawing fills once it is centred, as in the digits that such nets are trained on. */
const FILLED = 20 / 28;

type Point = readonly [number, number];
type Strokes = readonly (readonly Point[])[];

/** A two, in lines: what the keyboard gives to those who cannot draw. */
const EXAMPLES: readonly Strokes[] = [
  [[[90, 95], [105, 70], [140, 58], [175, 72], [185, 105], [165, 140], [125, 180], [92, 215], [140, 212], [195, 212]]],
  [[[95, 70], [140, 58], [178, 80], [165, 120], [130, 135], [172, 148], [186, 185], [150, 218], [95, 210]]],
  [[[100, 70], [190, 70], [165, 120], [140, 170], [125, 220]]],
  [[[140, 60], [105, 85], [92, 140], [105, 195], [140, 220], [175, 195], [188, 140], [175, 85], [140, 60]]],
]; // biome-ignore format: drawings

/** A field to draw in, white on black, for nets that read small grey pictures. */
export function Drawing({ kind, give }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [strokes, setStrokes] = useState<Strokes>([]);
  const [example, setExample] = useState(0);
  const active = useRef(false);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) paint(context, strokes, SIDE);
  }, [strokes]);
  const finish = (drawn: Strokes) => {
    const pixels = pictureOf(drawn, kind.width, kind.height);
    if (pixels) give({ kind: 'pixels', width: kind.width, height: kind.height, data: pixels, normalize: '0..1' });
  };
  const at = (event: PointerEvent): Point => {
    const box = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  return (
    <div class="drawing">
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="Field to draw in. Without a pointer, use “Draw an example”."
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          active.current = true;
          setStrokes([...strokes, [at(event)]]);
        }}
        onPointerMove={(event) => {
          if (!active.current) return;
          const point = at(event);
          setStrokes((before) => [...before.slice(0, -1), [...(before.at(-1) ?? []), point]]);
        }}
        onPointerUp={() => {
          active.current = false;
          finish(strokes);
        }}
        onPointerCancel={() => {
          active.current = false;
        }}
      />
      {strokes.length === 0 && <p class="drawing-hint">Draw a digit</p>}
      <div class="row">
        <button
          type="button"
          class="quiet"
          onClick={() => {
            const drawn = EXAMPLES[example % EXAMPLES.length] as Strokes;
            setExample(example + 1);
            setStrokes(drawn);
            finish(drawn);
          }}
        >
          Draw an example
        </button>
        <button type="button" class="quiet" disabled={strokes.length === 0} onClick={() => setStrokes([])}>
          Clear
        </button>
        <FileButton
          text="Choose an image"
          accept="image/*,.npy,.npz"
          take={(file) => give({ kind: 'file', file, name: file.name, normalize: '0..1' })}
        />
      </div>
    </div>
  );
}

function paint(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  strokes: Strokes,
  side: number,
): void {
  context.fillStyle = '#000';
  context.fillRect(0, 0, side, side);
  context.strokeStyle = '#fff';
  context.lineWidth = side / 13;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const [first, ...rest] of strokes) {
    if (!first) continue;
    context.beginPath();
    context.moveTo(...first);
    for (const [i, [x, y]] of rest.entries()) {
      const next = rest[i + 1];
      // Through the middles of the segments, so that corners become curves.
      if (next) context.quadraticCurveTo(x, y, (x + next[0]) / 2, (y + next[1]) / 2);
      else context.lineTo(x, y);
    }
    if (rest.length === 0) context.lineTo(...first);
    context.stroke();
  }
}

/** The drawing, cut out, centred and made small in steps of at most a half, so that no line is lost. RGBA. */
function pictureOf(strokes: Strokes, width: number, height: number): Uint8Array | undefined {
  const points = strokes.flat();
  if (points.length === 0) return undefined;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const scale = (SIDE * FILLED) / Math.max(right - left, bottom - top, SIDE / 4);
  const moved = strokes.map((stroke) =>
    stroke.map(
      ([x, y]): Point => [(x - (left + right) / 2) * scale + SIDE / 2, (y - (top + bottom) / 2) * scale + SIDE / 2],
    ),
  );
  let picture = new OffscreenCanvas(SIDE, SIDE);
  paint(contextOf(picture), moved, SIDE);
  while (picture.width > width * 2)
    picture = scaled(picture, Math.ceil(picture.width / 2), Math.ceil(picture.height / 2));
  picture = scaled(picture, width, height);
  return new Uint8Array(contextOf(picture).getImageData(0, 0, width, height).data.buffer);
}

function scaled(picture: OffscreenCanvas, width: number, height: number): OffscreenCanvas {
  const smaller = new OffscreenCanvas(width, height);
  const context = contextOf(smaller);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return smaller;
}

const contextOf = (canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D =>
  canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
