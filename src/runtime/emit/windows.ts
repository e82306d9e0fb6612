import type { Code, Expr } from '../../wasm/code.js';
import { i32 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';

/** One axis of a sliding window. */
export interface WindowAxis {
  /** Cells of the image. */
  readonly size: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Cells of padding before the image. */
  readonly before: number;
}

/** The first cell of window `at`, which may lie before the image. */
const firstCell = ({ stride, before }: WindowAxis, at: number): number => at * stride - before;

const isInside = (axis: WindowAxis, at: number, cell: number): boolean => {
  const place = firstCell(axis, at) + cell * axis.dilation;
  return place >= 0 && place < axis.size;
};

/** Whether every window has a cell inside of the image. */
export const alwaysMeets = (axis: WindowAxis): boolean =>
  Array.from({ length: axis.out }, (_, at) => at).every((at) =>
    Array.from({ length: axis.kernel }, (_, cell) => cell).some((cell) => isInside(axis, at, cell)),
  );

/** Neighbouring tiles of pixels whose windows have the same cells inside of the image: they share their code. */
export interface TileRun {
  /** First pixel of the first tile. */
  readonly at: number;
  readonly tiles: number;
  readonly pixels: number;
  /** For each column of the image from {@link firstColumn} on: the pixels it counts for, and as which kernel cell. */
  readonly taps: readonly (readonly (readonly [pixel: number, cell: number])[])[];
  /** The first column that the first tile reads. */
  readonly firstColumn: number;
}

/** The tiles of a row of pixels. */
export function tileRuns(axis: WindowAxis, pixels: number): TileRun[] {
  const runs: (TileRun & { tiles: number })[] = [];
  for (let at = 0; at < axis.out; at += pixels) {
    const count = Math.min(pixels, axis.out - at);
    const last = runs.at(-1);
    // Nearly all tiles lie inside of the image; to compare what they read would take longer than to write their code.
    if (last?.pixels === count && isWithin(axis, last.at, count) && isWithin(axis, at, count)) {
      last.tiles++;
      continue;
    }
    const tile = tileAt(axis, at, count);
    if (last?.pixels === tile.pixels && JSON.stringify(last.taps) === JSON.stringify(tile.taps)) last.tiles++;
    else runs.push(tile);
  }
  return runs;
}

/** Whether all windows of a tile are inside of the image. */
const isWithin = (axis: WindowAxis, at: number, pixels: number): boolean =>
  isInside(axis, at, 0) && isInside(axis, at + pixels - 1, axis.kernel - 1);

function tileAt(axis: WindowAxis, at: number, pixels: number): TileRun & { tiles: number } {
  const taps = new Map<number, (readonly [number, number])[]>();
  for (let p = 0; p < pixels; p++)
    for (let cell = 0; cell < axis.kernel; cell++) {
      if (!isInside(axis, at + p, cell)) continue;
      const column = firstCell(axis, at + p) + cell * axis.dilation;
      taps.set(column, [...(taps.get(column) ?? []), [p, cell]]);
    }
  const firstColumn = taps.size > 0 ? Math.min(...taps.keys()) : 0;
  const span = taps.size > 0 ? Math.max(...taps.keys()) - firstColumn + 1 : 0;
  return {
    at,
    tiles: 1,
    pixels,
    firstColumn,
    taps: Array.from({ length: span }, (_, j) => taps.get(firstColumn + j) ?? []),
  };
}

/**
 * Sets the cells `[first, end)` of a window whose first cell lies at `place`, before the image perhaps, that are inside of
 * the image.
 */
export function cellsInside(axis: WindowAxis, place: Local<'i32'>, first: Local<'i32'>, end: Local<'i32'>): Code {
  const { dilation, kernel, size } = axis;
  const steps = (cells: Expr<'i32'>) =>
    dilation === 1 ? cells : i32.divS(i32.add(cells, i32.const(dilation - 1)), i32.const(dilation));
  const before = steps(i32.sub(i32.const(0), place.get));
  return [
    first.set(i32.select(i32.ltS(place.get, i32.const(0)), before, i32.const(0))),
    end.set(steps(i32.sub(i32.const(size), place.get))),
    end.set(i32.select(i32.ltS(end.get, i32.const(kernel)), end.get, i32.const(kernel))),
  ];
}
