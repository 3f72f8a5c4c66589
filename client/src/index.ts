/** What a client asks a server for; the server's defaults apply to what is left out. */
export interface View {
  readonly name: string
  readonly profiles?: readonly string[]
  readonly label?: string
}
