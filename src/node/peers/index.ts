import { litertPeer } from './litert-peer.js';
import { ortPeer } from './ort-peer.js';
import type { Peer, PeerRequest } from './peer.js';
import { tfjsPeer } from './tfjs-peer.js';

export type { Peer, PeerRequest } from './peer.js';

/** Name on the command line -> how to load a model there, and the ending of its model files (none: it takes `.tflite`). */
export const peers: Readonly<
  Record<string, { readonly open: (request: PeerRequest) => Promise<Peer>; readonly modelFile?: RegExp }>
> = {
  litert: { open: litertPeer },
  ort: { open: ortPeer, modelFile: /\.onnx$/i },
  tfjs: { open: tfjsPeer, modelFile: /\.json$/i },
};
