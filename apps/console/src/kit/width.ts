import { useSignal, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Follows the width of a drawing's place, in pixels. It is `first` until the place is shown. */
export function useWidth({ first, min }: { readonly first: number; readonly min: number }): {
  readonly place: RefObject<HTMLDivElement | null>;
  readonly width: ReadonlySignal<number>;
} {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(first);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (width.value = Math.max(min, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { place, width };
}
