import { readFileSync } from 'node:fs';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Where the rasterizer and its fonts lie: beside this script in the package. */
export interface RasterizerFiles {
  readonly wasm: URL;
  readonly fonts: readonly URL[];
}

let ready: Promise<void> | undefined;

/** An SVG text as PNG bytes, in twice its size. The only fonts are those given, so that every machine gives the same. */
export async function rasterize(svg: string, { wasm, fonts }: RasterizerFiles): Promise<Uint8Array> {
  ready ??= initWasm(readFileSync(wasm));
  await ready;
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    background: '#ffffff',
    font: { fontBuffers: fonts.map((font) => new Uint8Array(readFileSync(font))), defaultFontFamily: 'DejaVu Sans' },
  });
  return image.render().asPng();
}
