import { XMLParser } from 'fast-xml-parser'
import { SyntaxValidator } from 'fast-xml-validator'
import type { ContactSetting, EngineSettings } from './engine-settings.ts'
import type { OptionProblems } from './option-values.ts'

/** A parsed element: names of attributes begin with `@`, the text is `#`, children are lists. */
// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- a Record cannot name itself
interface XmlElement {
  readonly [name: string]: string | readonly XmlElement[] | undefined
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#',
  alwaysCreateTextNode: true,
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
})

/** Applies a drachtio.conf.xml. Notices name the elements and attributes without effect. */
export function applyXml(xml: string, file: string, settings: EngineSettings, problems: OptionProblems): void {
  try {
    new SyntaxValidator().validate(xml)
  } catch (error) {
    problems.errors.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    return
  }
  const root = child(parser.parse(xml) as XmlElement, 'drachtio')
  if (!root) problems.errors.push(`${file}: its outermost element is not <drachtio>`)
  else new XmlReader(file, problems).read(root, settings)
}

class XmlReader {
  readonly #file: string
  readonly #problems: OptionProblems

  constructor(file: string, problems: OptionProblems) {
    this.#file = file
    this.#problems = problems
  }

  read(root: XmlElement, settings: EngineSettings): void {
    this.#noteInert(root, knownElements, '')
    this.#admin(child(root, 'admin'), settings)
    this.#sip(child(root, 'sip'), settings)
    this.#handlers(child(root, 'request-handlers'), settings)
    this.#logging(child(root, 'logging'), settings)
    const cdrs = textOf(root, 'cdrs')
    if (cdrs) settings.cdrs = this.#problems.flag(this.#name('cdrs'), cdrs) ?? false
    const prometheus = child(child(root, 'monitoring'), 'prometheus')
    if (!prometheus) return
    const port = this.#problems.number(this.#name('prometheus port'), attribute(prometheus, 'port') ?? '') ?? 0
    settings.prometheus = { address: ownText(prometheus) || '127.0.0.1', port }
  }

  /** Adds notices for attributes and elements without effect; the content of such elements is skipped. */
  #noteInert(element: XmlElement, known: KnownElement, path: string): void {
    for (const [key, found] of Object.entries(element)) {
      if (key === '#' || found === undefined) continue
      const isAttribute = key.startsWith('@')
      const name = isAttribute ? key.slice(1) : key
      const place = isAttribute ? `${path}${key}` : `${path === '' ? '' : `${path}/`}${key}`
      const siblings = isAttribute ? known.attributes : known.children
      const meaning = siblings && Object.hasOwn(siblings, name) ? siblings[name] : undefined
      if (meaning === undefined || typeof meaning === 'string') {
        const why = meaning ?? 'neither drachtio-server nor this engine knows it'
        this.#problems.notice(`${this.#name(place)} has no effect here: ${why}`)
      } else if (typeof found !== 'string') {
        for (const one of found) this.#noteInert(one, meaning, place)
      }
    }
  }

  #logging(logging: XmlElement | undefined, settings: EngineSettings): void {
    const level = textOf(logging, 'loglevel')
    if (level) settings.logLevel = this.#problems.logLevel(this.#name('loglevel'), level) ?? settings.logLevel
    settings.log.file = textOf(logging, 'file', 'name') || undefined
    settings.log.onConsole = child(logging, 'console') !== undefined
  }

  #admin(admin: XmlElement | undefined, settings: EngineSettings): void {
    if (!admin) return
    settings.adminAddress = ownText(admin) || settings.adminAddress
    settings.secret = attribute(admin, 'secret') ?? settings.secret
    this.#number(admin, 'port', 65_535, (port) => (settings.adminPort = port))
    this.#number(admin, 'tls-port', 65_535, (port) => (settings.adminTlsPort = port))
    this.#number(admin, 'tcp-keepalive', 86_400, (seconds) => (settings.tcpKeepAliveSeconds = seconds))
  }

  #sip(sip: XmlElement | undefined, settings: EngineSettings): void {
    if (!sip) return
    const single = textOf(sip, 'contact')
    const contacts = children(child(sip, 'contacts'), 'contact').map(contactOf)
    if (contacts.length > 0) settings.contacts = contacts
    else if (single) settings.contacts = [{ uri: single }]
    settings.outboundProxy = textOf(sip, 'outbound-proxy') || settings.outboundProxy
    settings.userAgentOptionsAutoRespond = textOf(sip, 'user-agent-options-auto-respond')
    this.#tls(child(sip, 'tls'), settings)
    const reject = textOf(sip, 'reject-register-with-no-realm')
    settings.rejectRegisterWithNoRealm =
      this.#problems.flag(this.#name('reject-register-with-no-realm'), reject) ?? false
    this.#timers(child(sip, 'timers'), settings)
    this.#spammers(child(sip, 'spammers'), settings)
    const refresher = attribute(child(sip, 'session-timers'), 'default-refresher')
    if (refresher !== undefined) {
      const known = ['none', 'uac', 'uas'] as const
      settings.defaultRefresher = this.#problems.oneOf(this.#name('default-refresher'), refresher, known) ?? 'none'
    }
    this.#homer(child(sip, 'capture-server'), settings)
    const mtu = textOf(sip, 'udp-mtu')
    if (mtu) settings.udpMtu = this.#problems.mtu(this.#name('udp-mtu'), mtu) ?? 0
    const buffer = textOf(sip, 'udp-buffer-size')
    if (buffer) settings.udpBufferSize = this.#problems.number(this.#name('udp-buffer-size'), buffer, 0, 2 ** 31) ?? 0
  }

  #tls(tls: XmlElement | undefined, settings: EngineSettings): void {
    settings.keyFile = textOf(tls, 'key-file') || settings.keyFile
    settings.certFile = textOf(tls, 'cert-file') || settings.certFile
    settings.chainFile = textOf(tls, 'chain-file') || settings.chainFile
    const version = textOf(tls, 'min-tls-version')
    if (version) settings.minTlsVersion = this.#problems.tlsVersion(this.#name('min-tls-version'), version) ?? 1.2
  }

  #timers(timers: XmlElement | undefined, settings: EngineSettings): void {
    for (const name of ['t1', 't2', 't4'] as const) {
      const text = textOf(timers, name)
      if (!text) continue
      settings.timers[name] = this.#problems.number(this.#name(name), text, 1, 600_000) ?? settings.timers[name]
    }
    const whole = textOf(timers, 't1x64')
    if (whole && Number(whole) !== 64 * settings.timers.t1) {
      this.#problems.notices.push(`${this.#name('t1x64')}: it is 64 times t1 here (RFC 3261 17.1.1.1)`)
    }
  }

  #homer(server: XmlElement | undefined, settings: EngineSettings): void {
    if (!server) return
    const { homer } = settings
    homer.host = ownText(server).replace(/^\[|\]$/g, '')
    this.#number(server, 'port', 65_535, (port) => (homer.port = port))
    this.#number(server, 'id', 0xffff_ffff, (id) => (homer.captureId = id))
  }

  #spammers(spammers: XmlElement | undefined, settings: EngineSettings): void {
    if (!spammers) return
    const lists = settings.spammers
    for (const header of children(spammers, 'header')) {
      const values = children(header, 'value').map((value) => ownText(value).toLowerCase())
      const name = attribute(header, 'name')?.toLowerCase()
      if (name === undefined || name === 'user-agent') lists.userAgents.push(...values)
      if (name === undefined || name === 'to') lists.toUsers.push(...values)
      if (name === undefined || name === 'from') lists.fromUsers.push(...values)
    }
  }

  #handlers(handlers: XmlElement | undefined, settings: EngineSettings): void {
    for (const handler of children(handlers, 'request-handler')) {
      const httpMethod = (attribute(handler, 'http-method') ?? 'GET').toUpperCase()
      const verify = attribute(handler, 'verify-peer') ?? 'false'
      settings.requestHandlers.push({
        sipMethod: (attribute(handler, 'sip-method') ?? '*').toUpperCase(),
        httpMethod: this.#problems.oneOf(this.#name('http-method'), httpMethod, ['GET', 'POST'] as const) ?? 'GET',
        verifyPeer: this.#problems.flag(this.#name('verify-peer'), verify) ?? false,
        url: ownText(handler),
      })
    }
  }

  #number(element: XmlElement, name: string, most: number, set: (value: number) => void): void {
    const text = attribute(element, name)
    const value = text === undefined ? undefined : this.#problems.number(this.#name(name), text, 0, most)
    if (value !== undefined) set(value)
  }

  #name(element: string): string {
    return `${this.#file}: ${element}`
  }
}

function contactOf(element: XmlElement): ContactSetting {
  const names = attribute(element, 'dns-names')

  return {
    uri: ownText(element),
    externalIp: attribute(element, 'external-ip'),
    dnsNames: names ? names.split(',').map((name) => name.trim()) : undefined,
  }
}

function children(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  const found = element?.[name]

  return typeof found === 'object' ? found : []
}

const child = (element: XmlElement | undefined, name: string): XmlElement | undefined => children(element, name)[0]

function attribute(element: XmlElement | undefined, name: string): string | undefined {
  const found = element?.[`@${name}`]

  return typeof found === 'string' ? found : undefined
}

function ownText(element: XmlElement | undefined): string {
  const text = element?.['#']

  return typeof text === 'string' ? text.trim() : ''
}

function textOf(element: XmlElement | undefined, ...path: string[]): string {
  return ownText(path.reduce<XmlElement | undefined>(child, element))
}

/** The content of an element of drachtio.conf.xml. A text says why an attribute or element has no effect here. */
interface KnownElement {
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
const knownElements: KnownElement = {
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
