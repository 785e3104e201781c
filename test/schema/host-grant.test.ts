import { describe, expect, it } from 'vitest';
import { covers, type HostGrant, originOf } from '#src/domain/host-grant.js';
import { hostGrant, parseHostGrant } from '#src/schema/host-grant.js';

const grant = (written: string): HostGrant => hostGrant.parse(written);

const allows = (written: string, url: string): boolean => {
  const origin = originOf(new URL(url));
  return origin !== null && covers(grant(written), origin);
};

describe('An entry of hosts', () => {
  it.each([
    ['api.example.com', 'https://api.example.com/x?y'],
    ['api.example.com', 'http://api.example.com/'],
    ['API.Example.COM.', 'https://api.example.com'],
    ['api.example.com', 'https://API.EXAMPLE.com./'],
    ['https://api.example.com', 'https://api.example.com:443/'],
    ['HTTPS://api.example.com:443', 'https://api.example.com/'],
    ['http://api.example.com:8080', 'http://api.example.com:8080/'],
    ['api.example.com:8443', 'https://api.example.com:8443/'],
    ['*.example.com', 'https://a.example.com/'],
    ['*.example.com', 'https://b.a.example.com/'],
    ['*', 'https://anything.test/'],
    ['*:8443', 'https://anything.test:8443/'],
    ['https://*', 'https://anything.test/'],
    ['bücher.example', 'https://xn--bcher-kva.example/'],
    ['xn--bcher-kva.example', 'https://BÜCHER.example/'],
    ['10.0.0.5:8080', 'http://10.0.0.5:8080/'],
    ['127.0.0.1', 'http://127.1/'],
    ['127.0.0.1', 'http://2130706433/'],
    ['[::1]:8080', 'http://[0:0:0:0:0:0:0:1]:8080/'],
    ['[FD00::0:1]', 'https://[fd00::1]/'],
    ['private:db.internal:5000', 'http://db.internal:5000/'],
    ['private:https://*.internal', 'https://a.internal/'],
  ])('%s names %s', (written, url) => {
    expect(allows(written, url)).toBe(true);
  });

  it.each([
    ['api.example.com', 'https://example.com/'],
    ['api.example.com', 'https://xapi.example.com/'],
    ['api.example.com', 'https://api.example.com.evil.test/'],
    ['api.example.com', 'https://api.example.com:8443/'],
    ['api.example.com:8443', 'https://api.example.com/'],
    ['https://api.example.com', 'http://api.example.com/'],
    ['https://api.example.com', 'http://api.example.com:443/'],
    ['api.example.com', 'ftp://api.example.com/'],
    ['*.example.com', 'https://example.com/'],
    ['*.example.com', 'https://badexample.com/'],
    ['*', 'https://anything.test:8443/'],
    ['127.0.0.1', 'http://127.0.0.2/'],
    ['127.0.0.1', 'http://[::ffff:127.0.0.1]/'],
    ['[::1]', 'http://127.0.0.1/'],
  ])('%s does not name %s', (written, url) => {
    expect(allows(written, url)).toBe(false);
  });

  it.each([
    ['', 'expected a host as'],
    [' api.example.com', 'expected a host as'],
    ['https://api.example.com/', 'expected a host as'],
    ['https://api.example.com/v1', 'expected a host as'],
    ['https://user@api.example.com', 'expected a host as'],
    ['ftp://api.example.com', 'expected a host as'],
    ['//api.example.com', 'expected a host as'],
    ['api.*.com', 'expected a host as'],
    ['api*.example.com', 'expected a host as'],
    ['*.*.example.com', 'expected a host as'],
    ['**', 'expected a host as'],
    ['*.', 'expected a host as'],
    ['*.127.0.0.1', 'expected a host as'],
    ['*.[::1]', 'expected a host as'],
    ['a..b', 'expected a host as'],
    ['-a.example', 'expected a host as'],
    ['a%41.example', 'expected a host as'],
    ['1.2.3.4.5', 'expected a host as'],
    ['::1', 'expected a host as'],
    ['[::1', 'expected a host as'],
    ['[fe80::1%eth0]', 'expected a host as'],
    ['[1.2.3.4]', 'expected a host as'],
    ['api.example.com:', 'expected a host as'],
    ['api.example.com:http', 'expected a host as'],
    ['api.example.com:0', 'expected a port from 1 to 65535'],
    ['api.example.com:65536', 'expected a port from 1 to 65535'],
    ['127.1', 'expected an address in full: 127.0.0.1'],
    ['0x7f.0.0.1', 'expected an address in full: 127.0.0.1'],
    ['2130706433', 'expected an address in full: 127.0.0.1'],
    ['private:*', 'expected private: before a name alone'],
    ['private:10.0.0.1', 'expected private: before a name alone'],
    ['private:[fd00::1]', 'expected private: before a name alone'],
    ['private:localhost', 'expected private: before a name alone'],
  ])('is not %j', (written, why) => {
    expect(parseHostGrant(written)).toEqual(expect.stringContaining(why));
    expect(hostGrant.safeParse(written).success).toBe(false);
  });

  it.each([null, 5, {}, ['a'], undefined])('is not %j, which is no text', (written) => {
    expect(hostGrant.safeParse(written).success).toBe(false);
  });
});
