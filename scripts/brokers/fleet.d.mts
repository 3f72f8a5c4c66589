/** A broker that runs. `guardedUrl` is a second address that asks for a password (native Kafka). */
export interface Broker {
  readonly name: 'rabbitmq' | 'kafka'
  readonly kind: 'named' | 'container' | 'native'
  readonly url: string
  readonly guardedUrl?: string
}
/** PEM files of a broker with TLS ports: who signs its clients' certificates, its certificate and its key, and these two in one file. */
export interface BrokerTls {
  readonly authority: string
  readonly certificate: string
  readonly key: string
  readonly both: string
}
/** One that this process started for itself, and may break. */
export interface PrivateBroker extends Broker {
  readonly folder: string
  readonly ports: readonly number[]
  /** Where it speaks TLS; Kafka's asks for a password. */
  readonly tlsUrl?: string
  /** Where Kafka speaks TLS with those alone who have a certificate. */
  readonly mutualUrl?: string
}
export type Holder = 'user' | { readonly pid: number; readonly born?: string }
export declare const cache: string
export declare const USER: 'user'
export declare const account: { readonly user: string; readonly password: string }
export declare function thisProcess(): Holder
export declare function up(
  holder: Holder,
  options?: { readonly say?: (text: string) => void; readonly names?: readonly Broker['name'][]; readonly fetch?: 'missing' | 'never' },
): Promise<{ readonly brokers: { readonly rabbitmq?: Broker; readonly kafka?: Broker }; readonly missing: readonly string[] }>
export declare function letGo(holder: Holder): { readonly stopped: readonly Broker[]; readonly holders: readonly Holder[] }
export declare function startPrivate(name: Broker['name'], options?: { readonly tls?: BrokerTls | undefined }): Promise<PrivateBroker>
export declare function restart(broker: PrivateBroker, settings?: readonly string[]): Promise<PrivateBroker>
export declare function send(broker: PrivateBroker, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
export declare function stop(broker: Broker): void
export declare function controlRabbit(broker: PrivateBroker, args: readonly string[]): Promise<string>
