/**
 * Sets a map's entry as its newest one. If the map then has more than `max` entries, its oldest one
 * is deleted, so a memory of recent things stays bounded.
 */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
