/** The commands by the name of their executable: what `npm run build` bundles into one script. */
export { main as tersor } from './main.js';
export { main as tflite_convert } from './tflite-convert.js';
