/**
 * Returns the address of a forwarded request at the leader. Only the path and the query of the request
 * count, since a request line can name any host, as in `GET http://host/path` or `GET //host/path`.
 */
export function forwardedUrl(leaderUrl: string, requestUrl: string): string {
  const { pathname, search } = new URL(requestUrl, leaderUrl);
  return new URL(leaderUrl).origin + pathname + search;
}
