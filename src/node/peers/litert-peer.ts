import { ModelError } from '../../errors.js';
import { bitsOf, bytesOfData, type Tensor } from '../../ir/tensor.js';
import { largestDifference } from '../../report/largest-difference.js';
import { loadLiteRt } from './litert.js';
import type { RunInput } from './litert-tensors.js';
import type { Peer, PeerRequest } from './peer.js';

/** The fastest build for that many threads. */
export const prepareLitert = (threads: number) => loadLiteRt(threads > 1 ? 'threaded' : 'relaxed', threads);

/** Google's own runtime: npm `@litertjs/core`, in its fastest build, on the same bytes and the same inputs. */
export async function litertPeer({ bytes, signature, inputs, outputs, threads }: PeerRequest): Promise<Peer> {
  const build = threads > 1 ? 'threaded' : 'relaxed';
  const runtime = await prepareLitert(threads);
  const start = performance.now();
  try {
    const model = await runtime.load(bytes(), 'xnnpack', shapesOf(inputs), shapesOf(outputs));
    const loadMs = performance.now() - start;
    const key = model.signatures.some((s) => s.key === signature) ? signature : undefined;
    const given = Object.entries(inputs).map(([name, tensor]) => [name, rawInput(tensor)] as const);
    const order = model.signatures.find((s) => key === undefined || s.key === key)?.inputs ?? [];
    const byName = Object.fromEntries(given);
    const values = order.map(({ name }, i) => byName[name] ?? (given[i]?.[1] as RunInput));
    const prepared = model.prepare(values, key);
    // A model with a state gives other outputs later: the first ones are compared.
    let first: Awaited<ReturnType<typeof prepared.run>> | undefined;
    const label = `LiteRT ${runtime.version} ${build}`;
    return {
      label,
      loadMs,
      run: async () => {
        try {
          const results = await prepared.run();
          first ??= results;
        } catch (error) {
          throw refused(error);
        }
      },
      largestDifference: () => {
        const theirs = first ?? {};
        const inOrder = Object.values(theirs);
        const differences = Object.entries(outputs).map(([name, { dtype, data }], i) =>
          largestDifference(dtype, data, (theirs[name] ?? inOrder[i])?.data ?? []),
        );
        return Math.max(0, ...differences);
      },
      dispose() {
        prepared.delete();
        model.delete();
      },
    };
  } catch (error) {
    throw refused(error);
  }
}

const shapesOf = (tensors: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));

const refused = (error: unknown): ModelError =>
  new ModelError('unsupported', `the peer cannot run this model: ${(error as Error).message}`, {
    where: '@litertjs/core',
    cause: error,
  });

function rawInput({ dtype, shape, data }: Tensor): RunInput {
  if (!ArrayBuffer.isView(data)) throw new Error(`${dtype} inputs are not supported`);
  return { data: bitsOf(dtype) < 8 ? bytesOfData(dtype, data) : data, shape };
}
