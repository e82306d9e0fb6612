import { numberedNames } from './inner-layers.js';
import type { Json } from './json.js';
import type { Topology } from './topology.js';

/** The files in which a `.keras` archive keeps what layers of lookups have learned. */
export const isVocabulary = (name: string): boolean => /^assets\/.*\bvocabulary\.txt$/.test(name);

/** Puts vocabularies that layers have learned, one token a line, into their configurations, where given ones are. */
export function giveVocabularies(topology: Topology, files: ReadonlyMap<string, Uint8Array>, prefix = ''): void {
  const places = numberedNames(topology.layers.map((l) => l.className));
  for (const [i, layer] of topology.layers.entries()) {
    const at = `${prefix}layers/${places[i]}/`;
    if (layer.model) giveVocabularies(layer.model, files, at);
    const file = files.get(`assets/${at}vocabulary.txt`);
    if (!file || Array.isArray(layer.config.get('vocabulary'))) continue;
    const lines = new TextDecoder().decode(file).split('\n');
    if (lines.at(-1) === '' && layer.className === 'IntegerLookup') lines.pop();
    const tokens: readonly Json[] = layer.className === 'IntegerLookup' ? lines.map(Number) : lines;
    Object.assign(layer.config.object, { vocabulary: tokens });
  }
}
