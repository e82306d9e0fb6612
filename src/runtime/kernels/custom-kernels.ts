import { readFlexNumbers } from '../../bytes/flexbuffer-reader.js';
import { detectionPostProcess, detectionTypes } from '../../ops/detection-post-process.js';
import { customKernels } from '../custom-ops.js';

customKernels.set('TFLite_Detection_PostProcess', {
  types: (options) => detectionTypes(readFlexNumbers(options)),
  run: (inputs, options) => detectionPostProcess(inputs, readFlexNumbers(options)),
});
