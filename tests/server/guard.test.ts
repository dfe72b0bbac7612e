import { describe, expect, test } from 'vitest';
import { allowedHosts, guarded, refusalOf } from '../../server/guard.ts';

const request = (headers: Record<string, string>, method = 'GET') =>
  new Request('http://127.0.0.1:3000/images', { method, headers: { host: '127.0.0.1:3000', ...headers } });

describe('which requests are answered', () => {
  test.each(['localhost', 'localhost:3000', '127.0.0.1:8080', '[::1]:3000', 'LOCALHOST:3000'])(
    'one that is addressed to %s',
    (host) => expect(refusalOf(request({ host }))).toBeUndefined(),
  );

  test.each([
    'evil.example',
    'localhost.evil.example:3000',
    '127.0.0.1.evil.example',
    '10.0.0.4:3000',
    '',
    'a b',
    '[::2]',
  ])('none that is addressed to "%s", which another name server may point here', (host) =>
    expect(refusalOf(request({ host }))).toMatch(/not one that Aria answers to/),
  );

  test('one for a name listed in ARIA_HOSTS, with any port or with the one that is named', () => {
    const hosts = allowedHosts({ ARIA_HOSTS: 'Studio.local, other:8080' });
    expect(refusalOf(request({ host: 'studio.local:3000' }), hosts)).toBeUndefined();
    expect(refusalOf(request({ host: 'other:8080' }), hosts)).toBeUndefined();
    expect(refusalOf(request({ host: 'other:9090' }), hosts)).toBeDefined();
    expect(refusalOf(request({ host: 'localhost:3000' }), hosts)).toBeUndefined();
  });

  test('changes from the pages of Aria and from scripts, not from pages of other sites', () => {
    const change = (headers: Record<string, string>) => refusalOf(request(headers, 'POST'));
    expect(change({})).toBeUndefined();
    expect(change({ origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(change({ origin: 'http://evil.example' })).toMatch(/another site/);
    expect(change({ origin: 'null' })).toMatch(/another site/);
    // Another program on this machine is another site too.
    expect(change({ origin: 'http://127.0.0.1:5173' })).toMatch(/another site/);
    expect(change({ 'sec-fetch-site': 'cross-site' })).toMatch(/another site/);
    expect(change({ 'sec-fetch-site': 'same-site' })).toMatch(/another site/);
  });

  test('a refused request never reaches the handler', async () => {
    let calls = 0;
    const handler = guarded(async () => {
      calls += 1;
      return new Response('in');
    });
    expect((await handler(request({ host: 'evil.example' }))).status).toBe(403);
    expect(calls).toBe(0);
    expect((await handler(request({}))).status).toBe(200);
    expect(calls).toBe(1);
  });
});
