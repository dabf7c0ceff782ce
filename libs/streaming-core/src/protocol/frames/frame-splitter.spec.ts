import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { BufferPool } from './buffer-pool.ts';
import { FrameSplitter } from './frame-splitter.ts';

const open = (frameBytesMax: number, heldBytesMax = 16_000_000) =>
  new FrameSplitter({ frameBytesMax, buffers: new BufferPool({ heldBytesMax }) });

const framed = (body: Uint8Array) => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

/**
 * Pushes a stream as a socket would read it: at most `cut` bytes at a time, into the space that the
 * splitter offers, or else into a buffer that is overwritten at once.
 */
function framesOf(splitter: FrameSplitter, stream: Buffer, cuts: readonly number[]): string[] {
  const frames: Buffer[] = [];
  const take = (frame: Buffer) => void frames.push(frame);
  const shared = Buffer.alloc(100_000);
  let at = 0;
  for (let turn = 0; at < stream.length; turn += 1) {
    const space = splitter.space() ?? shared;
    const count = stream.copy(
      space,
      0,
      at,
      Math.min(stream.length, at + (cuts[turn % cuts.length] ?? shared.length)),
    );
    splitter.push(space.subarray(0, count), take);
    shared.fill(0xff);
    at += count;
  }
  return frames.map((frame) => frame.toString('hex'));
}

const nobody = () => undefined;
const hexOf = (bodies: readonly Uint8Array[]) => bodies.map((body) => Buffer.from(body).toString('hex'));

describe('the frame splitter', () => {
  it('returns the frames, wherever the stream was cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(bodies, cuts, (all, sizes) => {
        expect(framesOf(open(30), Buffer.concat(all.map(framed)), sizes)).toEqual(hexOf(all));
      }),
    );
  });

  it.each([
    ['an HTTP request: this is the port of the Kafka protocol', Buffer.from('GET / HTTP/1.1\r\n')],
    ['an HTTP request: this is the port of the Kafka protocol', Buffer.from('POST /topics HTTP/1.1\r\n')],
    ['a TLS handshake: this broker speaks plaintext', Buffer.from('16030100f8010000f40303', 'hex')],
    [
      'a request of 2147483647 bytes; the limit is 100000000 (socket.request.max.bytes)',
      Buffer.from('7fffffff', 'hex'),
    ],
    ['a request of -1 bytes', Buffer.from('ffffffff', 'hex')],
  ])('reports %s after its first bytes', (said, bytes) => {
    expect(() => open(100_000_000).push(bytes, nobody)).toThrow(said);
  });

  it('returns large frames, which are read in place and grow, between small ones', () => {
    const sizes = fc.array(fc.constantFrom(0, 10, 16_000, 65_532, 65_536, 65_537, 300_000, 1_100_000), {
      maxLength: 5,
    });
    const cuts = fc.array(fc.integer({ min: 10_000, max: 200_000 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, cuts, (all, cut) => {
        const bodies = all.map((size, index) => Buffer.alloc(size, index + 1));
        expect(framesOf(open(2_000_000), Buffer.concat(bodies.map(framed)), cut)).toEqual(hexOf(bodies));
      }),
      { numRuns: 30 },
    );
  });

  it('takes at most four times as much memory for a frame as has arrived of it', () => {
    const splitter = open(100_000_000);
    splitter.push(Buffer.from('05000000', 'hex'), nobody);
    expect(splitter.space()?.length).toBeLessThanOrEqual(65_536);
    splitter.push(Buffer.alloc(65_536), nobody);
    expect(splitter.space()?.length).toBeLessThanOrEqual(3 * 65_536);
  });

  it('offers a large space even if a chunk left little room in the frame', () => {
    const splitter = open(100_000_000);
    const chunk = Buffer.alloc(65_536);
    chunk.writeInt32BE(1_000_000);
    splitter.push(chunk, nobody);
    expect(splitter.space()?.length).toBeGreaterThanOrEqual(2 * 65_536);
  });

  it('takes the memory of a frame only once if it may start with all of it', () => {
    const taken: number[] = [];
    const buffers = {
      take: (bytes: number) => (taken.push(bytes), Buffer.alloc(bytes)),
      give: () => undefined,
    };
    const splitter = new FrameSplitter({ frameBytesMax: 2_000_000, buffers, startBytesMax: 1_000_000 });
    const body = Buffer.alloc(1_000_000, 1);
    expect(framesOf(splitter, framed(body), [16_384])).toEqual(hexOf([body]));
    expect(taken).toEqual([1_000_000]);
  });

  it('returns the frames in front of an invalid size', () => {
    const frames: Buffer[] = [];
    const splitter = open(30);
    expect(() =>
      splitter.push(
        Buffer.concat([framed(Buffer.of(1, 2)), Buffer.alloc(4, 0xff)]),
        (frame) => void frames.push(frame),
      ),
    ).toThrow();
    expect(hexOf(frames)).toEqual(['0102']);
  });

  it.each([-1, 31, 2_147_483_647])('rejects a frame of %d bytes before it has arrived', (size) => {
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(size);
    expect(() => open(30).push(announced, nobody)).toThrow(`a request of ${size} bytes`);
  });
});
