import { readFlexNumbers } from '../../bytes/flexbuffer-reader.js';
import { audioSpectrogram, mfcc } from '../../ops/audio.js';
import { detectionPostProcess, detectionTypes } from '../../ops/detection-post-process.js';
import { customKernels } from '../custom-ops.js';

customKernels.set('TFLite_Detection_PostProcess', {
  types: (options) => detectionTypes(readFlexNumbers(options)),
  run: (inputs, options) => detectionPostProcess(inputs, readFlexNumbers(options)),
});
customKernels.set('AudioSpectrogram', {
  types: () => [{ dtype: 'f32', shape: undefined }],
  run: (inputs, options) => audioSpectrogram(inputs, readFlexNumbers(options)),
});
customKernels.set('Mfcc', {
  types: () => [{ dtype: 'f32', shape: undefined }],
  run: (inputs, options) => mfcc(inputs, readFlexNumbers(options)),
});
