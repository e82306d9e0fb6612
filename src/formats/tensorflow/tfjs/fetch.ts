import { type FileTree, memoryTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import { isObject } from './model-json.js';

/** The part of the Fetch API that is used. */
export type Fetch = (url: string) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

/**
 * Loads a TensorFlow.js model from the web: its `model.json`, and the shards that this names, from the same place. The
 * result is read like a folder.
 * @throws {ModelError} `not-found` for what the server does not give, `malformed-file` for text that is no JSON
 */
export async function fetchTfjs(url: string | URL, get: Fetch = (at) => fetch(at)): Promise<FileTree> {
  const base = new URL(url);
  const load = async (at: URL): Promise<Uint8Array> => {
    const response = await get(at.href);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new ModelError('not-found', `a file expected, the server answered ${response.status}.`, { where: at.href });
  };
  const main = await load(base);
  const paths = shardsOf(main, base.href);
  const shards = await Promise.all(paths.map(async (path) => [path, await load(besides(base, path))] as const));
  return memoryTree({ ...Object.fromEntries(shards), 'model.json': main }, base.href);
}

/** A file beside the model, with the same query, which may hold a key. */
function besides(base: URL, path: string): URL {
  const url = new URL(path, base);
  if (url.search === '') url.search = base.search;
  return url;
}

function shardsOf(bytes: Uint8Array, where: string): string[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelError('malformed-file', `JSON expected, ${(cause as Error).message}.`, { where, cause });
  }
  const groups = isObject(json) && Array.isArray(json.weightsManifest) ? (json.weightsManifest as unknown[]) : [];
  const paths = groups.flatMap((g) => (isObject(g) && Array.isArray(g.paths) ? (g.paths as unknown[]) : []));
  return [...new Set(paths.filter((p) => typeof p === 'string'))];
}
