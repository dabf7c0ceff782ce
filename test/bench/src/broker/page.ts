const begin = '<!-- broker -->';
const end = '<!-- /broker -->';

const plots =
  '![Records per second, our broker by Apache Kafka](plots/broker.svg)\n\n![Broker CPU per record](plots/broker-cpu.svg)';

/** Puts these numbers between the markers of the page. Throws if the page has no markers. */
export function renderPage(page: string, text: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} and ${end} to write between`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${plots}\n\n${page.slice(to)}`;
}
