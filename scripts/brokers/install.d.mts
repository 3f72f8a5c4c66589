export declare function which(name: string): string | undefined
export declare function installPackages(
  packages: readonly string[],
  options: { readonly say: (text: string) => void; readonly fetch: 'missing' | 'never' },
): void
