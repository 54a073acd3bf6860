import {
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  PasswordInput,
  Radio,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import type { TwilioPlan } from '../api/client'
import { texts } from '../texts'

/** Who asks: an account SID, and an API key with its secret or the auth token. */
export interface AccountValues {
  accountSid: string
  proof: 'key' | 'token'
  apiKey: string
  /** Of the key, or the auth token. */
  secret: string
}

export interface WantedValues {
  numbers: string[]
  /** One a line. */
  uris: string
  secure: boolean
  /** Empty: Baton makes a trunk. */
  trunkSid: string
  disasterUrl: string
  domain: string
  username: string
  password: string
  /** With commas between. */
  addresses: string
}

interface AccountFieldsProps {
  value: AccountValues
  change: (value: AccountValues) => void
  /** Credentials are kept already. */
  isConnected: boolean
  usesOthers: boolean
  useOthers: (others: boolean) => void
}

export function AccountFields({ value, change, isConnected, usesOthers, useOthers }: AccountFieldsProps) {
  const { proof } = value
  const set = (part: Partial<AccountValues>) => {
    change({ ...value, ...part })
  }

  return (
    <>
      {isConnected && (
        <Switch
          label={texts.twilio.otherSecret}
          checked={usesOthers}
          onChange={({ currentTarget }) => {
            useOthers(currentTarget.checked)
          }}
        />
      )}
      {usesOthers && (
        <>
          <Line label={texts.twilio.accountSid} placeholder="AC…" of="accountSid" value={value} set={set} autofocus />
          <Radio.Group
            label={texts.twilio.proof}
            value={proof}
            onChange={(chosen) => {
              set({ proof: chosen === 'token' ? 'token' : 'key' })
            }}
          >
            <Group mt={4}>
              <Radio value="key" label={texts.twilio.byKey} />
              <Radio value="token" label={texts.twilio.byToken} />
            </Group>
          </Radio.Group>
          {proof === 'key' && (
            <Line label={texts.twilio.apiKey} placeholder="SK…" of="apiKey" value={value} set={set} />
          )}
          <PasswordInput
            label={proof === 'key' ? texts.twilio.keySecret : texts.twilio.authToken}
            description={texts.twilio.secretHelp}
            value={value.secret}
            required
            withAsterisk={false}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': texts.twilio.showSecret }}
            onChange={({ currentTarget }) => {
              set({ secret: currentTarget.value })
            }}
          />
        </>
      )}
    </>
  )
}

interface WantedFieldsProps {
  value: WantedValues
  change: (value: WantedValues) => void
  account: Pick<TwilioPlan, 'numbers' | 'trunks'>
  isConnected: boolean
}

export function WantedFields({ value, change, account, isConnected }: WantedFieldsProps) {
  const set = (part: Partial<WantedValues>) => {
    change({ ...value, ...part })
  }

  return (
    <>
      <Checkbox.Group
        label={texts.twilio.numbers}
        value={value.numbers}
        onChange={(chosen) => {
          set({ numbers: chosen })
        }}
      >
        <Stack gap="xs" mt={4} mah={240} style={{ overflowY: 'auto' }}>
          {account.numbers.length === 0 && <Text size="sm">{texts.twilio.noNumbers}</Text>}
          {account.numbers.map(({ number, name, use }) => (
            <Checkbox
              key={number}
              value={number}
              label={number}
              description={texts.twilio.use(name === number ? '' : name, use)}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      {!isConnected && account.trunks.length > 0 && (
        <NativeSelect
          label={texts.twilio.trunkLabel}
          description={texts.twilio.trunkHelp}
          data={[
            { value: '', label: texts.twilio.ownTrunk },
            ...account.trunks.map(({ sid, name }) => ({ value: sid, label: texts.twilio.takeOver(name || sid) })),
          ]}
          value={value.trunkSid}
          onChange={({ currentTarget }) => {
            set({ trunkSid: currentTarget.value })
          }}
        />
      )}
      <Textarea
        label={texts.twilio.urisLabel}
        description={texts.twilio.urisHelp}
        value={value.uris}
        required
        withAsterisk={false}
        autosize
        spellCheck={false}
        onChange={({ currentTarget }) => {
          set({ uris: currentTarget.value })
        }}
      />
      <Switch
        label={texts.twilio.secure}
        checked={value.secure}
        onChange={({ currentTarget }) => {
          set({ secure: currentTarget.checked })
        }}
      />
      <Line
        label={texts.twilio.disasterUrl}
        help={texts.twilio.disasterHelp}
        of="disasterUrl"
        isOptional
        {...{ value, set }}
      />
      <Fieldset legend={texts.twilio.outbound}>
        <Stack gap="xs">
          <Line label={texts.twilio.domain} help={texts.twilio.domainHelp} of="domain" isOptional {...{ value, set }} />
          {value.domain !== '' && (
            <>
              <Line
                label={texts.twilio.addresses}
                help={texts.twilio.addressesHelp}
                of="addresses"
                isOptional
                {...{ value, set }}
              />
              <Line label={texts.twilio.username} of="username" isOptional {...{ value, set }} />
              <PasswordInput
                label={texts.twilio.password}
                description={texts.twilio.passwordHelp}
                value={value.password}
                autoComplete="off"
                visibilityToggleButtonProps={{ 'aria-label': texts.twilio.showSecret }}
                onChange={({ currentTarget }) => {
                  set({ password: currentTarget.value })
                }}
              />
            </>
          )}
        </Stack>
      </Fieldset>
    </>
  )
}

interface LineProps<Values, Name extends keyof Values> {
  label: string
  help?: string
  placeholder?: string
  of: Name
  value: Values
  set: (part: Partial<Values>) => void
  isOptional?: boolean
  autofocus?: boolean
}

/** One line of text, which is a field of the values. */
function Line<Values extends Record<Name, string>, Name extends keyof Values & string>({
  label,
  help,
  placeholder,
  of,
  value,
  set,
  isOptional = false,
  autofocus = false,
}: LineProps<Values, Name>) {
  return (
    <TextInput
      label={label}
      description={help}
      placeholder={placeholder}
      value={value[of]}
      required={!isOptional}
      withAsterisk={false}
      autoComplete="off"
      spellCheck={false}
      data-autofocus={autofocus || undefined}
      onChange={({ currentTarget }) => {
        set({ [of]: currentTarget.value } as unknown as Partial<Values>)
      }}
    />
  )
}
