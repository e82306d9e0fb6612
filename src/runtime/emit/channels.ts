import type { Code } from '../../wasm/code.js';
import { i32 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';
import { advance, doWhileBelow } from './loops.js';

/**
 * A loop over the channels of a pixel, in vectors of four: `body(vectors, lanes)` treats the `vectors` vectors from
 * `channel` on (an offset in bytes), of the last of them `lanes` lanes. It takes `most` vectors at once while it can.
 */
export function forChannels(
  channel: Local<'i32'>,
  channels: number,
  most: number,
  body: (vectors: number, lanes: number) => Code,
): Code {
  const vectors = Math.floor(channels / 4);
  const whole = vectors - (vectors % most);
  const lanes = channels % 4;
  const part = (from: number, to: number, width: number): Code => {
    if (from === to) return [];
    const once = [body(width, 4), advance(channel, 16 * width)];
    return to - from === width ? once : doWhileBelow(channel, i32.const(16 * to), once);
  };
  return [channel.set(i32.const(0)), part(0, whole, most), part(whole, vectors, 1), lanes > 0 ? body(1, lanes) : []];
}
