/**
 * Hosts that recordings are fetched from. An entry is a host, or `*.` and a domain for whatever is below it. The link comes in a
 * webhook: without a list, whoever could forge one would choose where we ask.
 */
export function isListedHost(url: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  const host = hostname.toLowerCase().replace(/\.$/, '');
  return hosts.some((entry) => {
    const listed = entry.toLowerCase();
    if (!listed.startsWith('*.')) return host === listed;
    return host.endsWith(listed.slice(1)) && host.length > listed.length - 1;
  });
}
