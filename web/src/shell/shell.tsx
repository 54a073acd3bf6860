import {
  ActionIcon,
  Alert,
  Anchor,
  AppShell,
  Burger,
  Center,
  Group,
  NativeSelect,
  NavLink,
  Text,
  Title,
} from '@mantine/core'
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import {
  IconArrowsExchange,
  IconCalendarTime,
  IconChartBar,
  IconFlask,
  IconHash,
  IconHistory,
  IconMoon,
  IconPhoneCall,
  IconPhoneDone,
  IconServer2,
  IconSun,
  IconUsers,
} from '../icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { Suspense, useEffect, useState } from 'react'
import { followEvents, type Restart } from '../api/live'
import { projectsQuery } from '../api/queries'
import { DraftBar } from '../draft/bar'
import { SwitchBar } from '../switches/bar'
import { useProjectName } from '../address'
import { AccountMenu } from '../session/account'
import { useMay, usePrincipal, type Role } from '../session/session'
import { texts } from '../texts'
import { contentId, focusContent, useFocusKept } from './focus'
import classes from './shell.module.css'
import { Loading } from './states'
import { usePageTitle } from './title'

const entries: { page: string; label: string; icon: typeof IconHash; needs?: Role }[] = [
  { page: 'handoffs', label: texts.navigation.handoffs, icon: IconArrowsExchange },
  { page: 'schedules', label: texts.navigation.schedules, icon: IconCalendarTime },
  { page: 'environments', label: texts.navigation.environments, icon: IconServer2 },
  { page: 'test', label: texts.navigation.test, icon: IconFlask },
  { page: 'live', label: texts.navigation.live, icon: IconPhoneCall },
  { page: 'calls', label: texts.navigation.calls, icon: IconPhoneDone },
  { page: 'transfers', label: texts.navigation.transfers, icon: IconChartBar },
  { page: 'trunks', label: texts.navigation.trunks, icon: IconHash },
  { page: 'history', label: texts.navigation.history, icon: IconHistory },
  { page: 'people', label: texts.navigation.people, icon: IconUsers, needs: 'admin' },
]

/** The frame of every page of a project: navigation, the choice of project, the draft, and whether the page gets events. */
export function Shell() {
  const project = useProjectName()
  const [isOpen, menu] = useDisclosure()
  const isLive = useLive()
  const may = useMay()
  const { pathname } = useLocation()
  usePageTitle(entries.find(({ page }) => page === pathname.split('/')[3])?.label ?? '')
  useFocusKept()
  if (project === '') return <NoProject />

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
    >
      <Anchor
        href={`#${contentId}`}
        className={classes.skip}
        onClick={(event) => {
          event.preventDefault()
          focusContent()
        }}
      >
        {texts.shell.skip}
      </Anchor>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={texts.shell.menu} />
            <Title order={1} size="h4">
              {texts.product}
            </Title>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ProjectSelect project={project} />
            <ThemeButton />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={texts.navigation.label}>
        {entries
          .filter(({ needs }) => !needs || may(needs, 'everywhere'))
          .map(({ page, label, icon: Icon }) => (
            <NavLink
              key={page}
              component={Link}
              to={`/p/${project}/${page}`}
              label={label}
              leftSection={<Icon size={18} stroke={1.5} aria-hidden />}
              variant="filled"
              active={pathname.startsWith(`/p/${project}/${page}`)}
              onClick={menu.close}
            />
          ))}
      </AppShell.Navbar>
      <AppShell.Main id={contentId} tabIndex={-1} className={classes.content}>
        {!isLive && (
          <Alert color="yellow" mb="md" role="status">
            {texts.shell.notLive}
          </Alert>
        )}
        <SwitchBar project={project} />
        <Suspense fallback={<Loading />}>
          <DraftBar project={project} />
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  )
}

export function NoProject() {
  return (
    <Center mih="60vh" p="md">
      <Text c="dimmed">{texts.shell.noProject}</Text>
    </Center>
  )
}

function ProjectSelect({ project }: { project: string }) {
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const projects = useQuery(projectsQuery).data ?? []
  const page = pathname.split('/')[3] ?? 'handoffs'
  const names = projects.map((one) => one.project)

  return (
    <NativeSelect
      aria-label={texts.shell.project}
      // A project that the person may not see, or that is not there, is not shown as another one.
      data={names.includes(project) ? names : [project, ...names]}
      value={project}
      onChange={({ currentTarget }) => void navigate({ to: `/p/${currentTarget.value}/${page}` })}
    />
  )
}

function ThemeButton() {
  const { setColorScheme } = useMantineColorScheme()
  const isDark = useComputedColorScheme('light') === 'dark'
  const Icon = isDark ? IconSun : IconMoon

  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={texts.shell.theme}
      onClick={() => {
        setColorScheme(isDark ? 'light' : 'dark')
      }}
    >
      <Icon size={18} stroke={1.5} aria-hidden />
    </ActionIcon>
  )
}

function tellRestart({ calls, recovered }: Restart): void {
  const lost = Math.max(0, calls - recovered)
  notifications.show({
    title: texts.shell.restarted,
    message: texts.shell.callsOfBefore(recovered, lost),
    color: lost > 0 ? 'yellow' : 'blue',
    autoClose: false,
  })
}

function useLive(): boolean {
  const client = useQueryClient()
  const [isLive, setLive] = useState(true)
  const name = usePrincipal()?.name
  // A stream that was refused for want of a session is not opened again by the browser.
  useEffect(
    () => (name === undefined ? undefined : followEvents(client, { live: setLive, restarted: tellRestart })),
    [client, name],
  )

  return isLive
}
