import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { FrameSplitter } from './frame-splitter.ts';

const framed = (body: Uint8Array) => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
};

describe('the frame splitter', () => {
  it('gives back the frames, however the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 20 })),
        (bodies, cuts) => {
          const stream = Buffer.concat(bodies.map(framed));
          const splitter = new FrameSplitter({ frameBytesMax: 30 });
          const frames: Buffer[] = [];
          let at = 0;
          for (const cut of [...cuts, stream.length]) {
            frames.push(...splitter.push(stream.subarray(at, at + cut)));
            at += cut;
          }
          expect(frames.map((frame) => frame.toString('hex'))).toEqual(bodies.map((body) => Buffer.from(body).toString('hex')));
        },
      ),
    );
  });

  it.each([-1, 31, 2_147_483_647])('refuses a frame of %d bytes before it has arrived', (size) => {
    const announced = Buffer.alloc(4);
    announced.writeInt32BE(size);
    expect(() => new FrameSplitter({ frameBytesMax: 30 }).push(announced)).toThrow(`a request of ${size} bytes`);
  });
});
