const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Host names that requests may be addressed to: this machine, and those listed in ARIA_HOSTS (comma separated). */
export function allowedHosts(environment: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const extra = (environment.ARIA_HOSTS ?? '').split(',').map((host) => host.trim().toLowerCase());
  return [...loopback, ...extra.filter((host) => host !== '')];
}

/**
 * Why a request is not answered, in one sentence, or nothing. A page of another site can make a browser send requests
 * here: by a name that it points at this machine (seen in Host) or directly (seen in Origin and Sec-Fetch-Site).
 */
export function refusalOf(request: Request, hosts: readonly string[] = allowedHosts()): string | undefined {
  const address = request.headers.get('host') ?? new URL(request.url).host;
  const name = hostNameOf(address);
  if (name === undefined || !(hosts.includes(name) || hosts.includes(address.toLowerCase()))) {
    return 'This address is not one that Aria answers to. Open it as localhost, or list the name in ARIA_HOSTS.';
  }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const foreign =
    origin === null ? site !== null && site !== 'same-origin' && site !== 'none' : hostOf(origin) !== address;
  return foreign ? 'This request comes from another site, and Aria takes changes only from its own pages.' : undefined;
}

/** The handler behind the guard: refused requests get status 403 and the sentence. */
export function guarded<Rest extends unknown[]>(handler: (request: Request, ...rest: Rest) => Promise<Response>) {
  return async (request: Request, ...rest: Rest): Promise<Response> => {
    const refusal = refusalOf(request);
    return refusal === undefined ? handler(request, ...rest) : new Response(refusal, { status: 403 });
  };
}

const hostNameOf = (host: string): string | undefined =>
  URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
