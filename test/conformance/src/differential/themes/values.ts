/** A UUID that belongs to no topic. */
export const unknownTopicId = '01234567-89ab-cdef-0123-456789abcdef';

export const int64Max = 2n ** 63n - 1n;
export const beyondDoubles = 2n ** 53n + 1n;

export const badTopicNames = ['', '.', '..', 'white space', 'a/b', 'a'.repeat(250), 'umläut'] as const;
