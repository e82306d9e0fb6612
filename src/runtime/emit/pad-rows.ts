import { type Code, when } from '../../wasm/code.js';
import { i32, memoryCopy, memoryFill } from '../../wasm/instructions.js';
import type { Func, WasmModule } from '../../wasm/module.js';
import { forRange } from './loops.js';

/** Cells around the height and width of images. */
export interface Border {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export interface PadSpec {
  readonly height: number;
  /** Bytes of a row of the image. */
  readonly rowBytes: number;
  readonly border: Border;
  /** Bytes of a cell: all channels of a pixel. */
  readonly pixelBytes: number;
  /** The byte that stands for zero in all of the border; 0 when absent. */
  readonly zero?: number;
}

export const hasBorder = ({ top, bottom, left, right }: Border): boolean => top + bottom + left + right > 0;

/** Bytes of one image with its border. */
export const paddedBytes = ({ height, rowBytes, border, pixelBytes }: PadSpec): number =>
  (height + border.top + border.bottom) * (rowBytes + (border.left + border.right) * pixelBytes);

/**
 * Writes `(image, padded, from, to)`: copies images with a border around each. The units are the rows of all
 * padded images.
 */
export function emitPadRows(module: WasmModule, spec: PadSpec): Func {
  const { height, rowBytes, border, pixelBytes, zero = 0 } = spec;
  const rows = height + border.top + border.bottom;
  const left = border.left * pixelBytes;
  const right = border.right * pixelBytes;
  const wide = left + rowBytes + right;
  const fill = (address: ReturnType<typeof i32.const>, bytes: number): Code =>
    bytes > 0 ? memoryFill(address, i32.const(zero), i32.const(bytes)) : [];
  return module.func('pad_rows', 4, (locals, [image, padded, from, to]) => {
    const row = locals.i32();
    const y = locals.i32();
    const out = locals.i32();
    const source = locals.i32();
    return forRange(row, from!.get, to!.get, 1, [
      out.set(i32.add(padded!.get, i32.mul(row.get, i32.const(wide)))),
      y.set(i32.sub(i32.remU(row.get, i32.const(rows)), i32.const(border.top))),
      when(
        i32.ltU(y.get, i32.const(height)),
        [
          source.set(
            i32.add(
              image!.get,
              i32.mul(
                i32.add(i32.mul(i32.divU(row.get, i32.const(rows)), i32.const(height)), y.get),
                i32.const(rowBytes),
              ),
            ),
          ),
          fill(out.get, left),
          memoryCopy(i32.add(out.get, i32.const(left)), source.get, i32.const(rowBytes)),
          fill(i32.add(out.get, i32.const(left + rowBytes)), right),
        ],
        fill(out.get, wide),
      ),
    ]);
  });
}
