import { litertPeer, prepareLitert } from './litert-peer.js';
import { ortPeer } from './ort-peer.js';
import type { Peer, PeerRequest } from './peer.js';
import { tfjsPeer } from './tfjs-peer.js';

export type { Peer, PeerRequest } from './peer.js';

interface PeerKind {
  /** Loads the runtime itself. It may switch features of the engine on, which our kernels should have as well. */
  readonly prepare?: (threads: number) => Promise<unknown>;
  readonly open: (request: PeerRequest) => Promise<Peer>;
  /** The ending of its model files; absent: it takes `.tflite`. */
  readonly modelFile?: RegExp;
}

/** Name on the command line -> how to load a model there. */
export const peers: Readonly<Record<string, PeerKind>> = {
  litert: { prepare: prepareLitert, open: litertPeer },
  ort: { open: ortPeer, modelFile: /\.onnx$/i },
  tfjs: { open: tfjsPeer, modelFile: /\.json$/i },
};
