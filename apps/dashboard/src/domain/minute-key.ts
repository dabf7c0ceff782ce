import type { ShownMinute } from './page-view.ts';

export type MinutePlace = Pick<ShownMinute, 'window_start' | 'page_url'>;

/**
 * The key of a page and minute, in the topics, in live answers and in the page. All records of a topic
 * about them are in one partition, in order.
 */
export const keyOf = ({ window_start, page_url }: MinutePlace): string => `${window_start} ${page_url}`;
