import { parseHTML } from 'linkedom';
import { type Drawing, type Palette, pagePalette } from '../view/plot-svg.js';

/** Draws charts without a page. */
export const nodeDrawing = (palette: Palette = pagePalette): Drawing => ({
  document: parseHTML('<html><body></body></html>').document,
  palette,
});
