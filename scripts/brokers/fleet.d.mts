/** A broker that runs. `guardedUrl` is a second address that asks for a password (native Kafka). */
export interface Broker {
  readonly name: 'rabbitmq' | 'kafka'
  readonly kind: 'named' | 'container' | 'native'
  readonly url: string
  readonly guardedUrl?: string
}
/** One that this process started for itself, and may break. */
export interface PrivateBroker extends Broker {
  readonly folder: string
  readonly ports: readonly number[]
}
export type Holder = 'user' | { readonly pid: number; readonly born?: string }
export declare const cache: string
export declare const USER: 'user'
export declare const account: { readonly user: string; readonly password: string }
export declare function thisProcess(): Holder
export declare function up(
  holder: Holder,
  say?: (text: string) => void,
): Promise<{ readonly brokers: { readonly rabbitmq?: Broker; readonly kafka?: Broker }; readonly missing: readonly string[] }>
export declare function letGo(holder: Holder): { readonly stopped: readonly Broker[]; readonly holders: readonly Holder[] }
export declare function startPrivate(name: Broker['name'], settings?: readonly string[]): Promise<PrivateBroker>
export declare function restart(broker: PrivateBroker, settings?: readonly string[]): Promise<PrivateBroker>
export declare function send(broker: PrivateBroker, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
export declare function stop(broker: Broker): void
export declare function controlRabbit(broker: PrivateBroker, args: readonly string[]): Promise<string>
