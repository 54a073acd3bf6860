/** The content of an element of drachtio.conf.xml. A text says why an attribute or element has no effect here. */
export interface KnownElement {
  readonly attributes?: Readonly<Record<string, KnownElement | string>>
  readonly children?: Readonly<Record<string, KnownElement | string>>
}

const read: KnownElement = {}
const texts = (...names: string[]): Record<string, KnownElement> =>
  Object.fromEntries(names.map((name) => [name, read]))

const noBlacklist = 'there is no blacklist'
const noRotation = 'the file is not rotated by this engine; SIGHUP opens it anew after another program has'
const spammersAreRefused = 'spammers get 603, as at drachtio-server'

/** The elements and attributes that drachtio-server reads. */
export const knownElements: KnownElement = {
  children: {
    admin: {
      attributes: {
        ...texts('port', 'tls-port', 'secret', 'tcp-keepalive'),
        tls: 'tls-port says whether there is a port with TLS',
      },
    },
    'request-handlers': {
      children: { 'request-handler': { attributes: texts('sip-method', 'http-method', 'verify-peer') } },
    },
    sip: {
      children: {
        ...texts('contact', 'outbound-proxy', 'reject-register-with-no-realm', 'user-agent-options-auto-respond'),
        ...texts('udp-mtu', 'udp-buffer-size'),
        contacts: {
          children: {
            contact: {
              attributes: {
                ...texts('external-ip', 'dns-names'),
                'local-net': 'the listener is chosen by the address of the peer',
              },
            },
          },
        },
        tls: {
          children: {
            ...texts('key-file', 'cert-file', 'chain-file', 'min-tls-version'),
            'dh-param': 'Diffie-Hellman is that of elliptic curves',
          },
        },
        timers: { children: texts('t1', 't2', 't4', 't1x64') },
        spammers: {
          attributes: { action: spammersAreRefused, 'tcp-action': spammersAreRefused },
          children: { header: { attributes: texts('name'), children: texts('value') } },
        },
        'session-timers': { attributes: texts('default-refresher') },
        'capture-server': {
          attributes: { ...texts('port', 'id'), 'hep-version': 'copies are made in version 3' },
        },
        'aggressive-nat-detection': 'NAT is detected by addresses',
        blacklist: noBlacklist,
      },
    },
    cdrs: read,
    monitoring: { children: { prometheus: { attributes: texts('port') } } },
    logging: {
      children: {
        ...texts('loglevel', 'console'),
        'sofia-loglevel': 'the log level speaks for SIP as well',
        syslog: 'the log goes to the console or a file',
        file: {
          children: {
            ...texts('name'),
            archive: noRotation,
            size: noRotation,
            maxSize: noRotation,
            minSize: noRotation,
            maxFiles: noRotation,
            'auto-flush': 'what is written in one turn of the event loop goes to the file at once',
          },
        },
      },
    },
  },
}
