import { describe, expect, it } from 'vitest';
import { type AddressClass, classOf } from '#adapters/wasm/egress/address.js';

const ADDRESSES: Readonly<Record<AddressClass, string>> = {
  public:
    '1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 172.15.255.255 ' +
    '172.32.0.0 192.167.255.255 192.169.0.0 223.255.255.255 2606:4700::1111 2a00:1450::1 2001:4860:4860::8888 3ffe::1',
  private:
    '10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255 100.64.0.1 100.127.255.255 ' +
    'fc00::1 fd12:3456::1 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  loopback: '127.0.0.1 127.255.255.255 ::1',
  special:
    '100.100.100.200 168.63.129.16 fd00:ec2::254 fd20:ce::254 0.0.0.0 0.1.2.3 169.254.169.254 169.254.0.1 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.255 ' +
    '198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 ' +
    ':: fe80::1 fe80::1%eth0 feb0::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:a00:1 ::127.0.0.1 ' +
    '64:ff9b::8.8.8.8 64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1 2002:a00:1:: ' +
    '3fff::1 5f00::1 4000::1',
};

describe('An address', () => {
  for (const [kind, addresses] of Object.entries(ADDRESSES))
    it.each(addresses.split(' '))(`%s is ${kind}`, (address) => {
      expect(classOf(address)).toBe(kind);
    });
});
