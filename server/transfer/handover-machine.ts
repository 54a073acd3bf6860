import { ignore, machine, to } from '../../engine/index.ts'

export type HandoverState =
  | 'ringing' // The destination has not answered.
  | 'dialling' // Digits are sent to it, for an extension behind an IVR.
  | 'announcing' // The person hears the announcement, alone.
  | 'awaiting' // The announcement is over; a digit is awaited.
  | 'joining' // The caller's media is being moved to the destination.
  | 'introducing' // Caller and person are connected, and the agent is still there.
  | 'ended'

export type HandoverInput =
  | 'answered'
  | 'dialled' // All digits are sent, or were refused.
  | 'announced' // The announcement is over, or cannot be played.
  | 'accepted' // By a digit, or by the API.
  | 'declined'
  | 'assumed' // Answering is accepting, or the time for a digit is up and none is required.
  | 'unaccepted' // The time for a digit that is required is up.
  | 'moved' // The caller is with the destination.
  | 'introduced' // The agent has stayed as long as it was to stay.
  | 'agentLeft'
  | 'callerLeft'
  | 'deadline' // The time of the whole transfer is up.
  | 'stopped' // The destination has hung up, or the transfer is called off.

export type HandoverAction =
  | 'dial'
  | 'announce'
  | 'ask'
  | 'endAnnouncement'
  | 'join'
  | 'introduce'
  | 'decline'
  | 'refuse' // No digit accepted the caller.
  | 'succeed'

/** What follows the destination's answer, until the caller is with the person or has stayed with its agent. */
export const handoverMachine = machine<HandoverState, HandoverInput, HandoverAction>({
  ringing: {
    answered: to('dialling', 'dial'),
    dialled: ignore,
    announced: ignore,
    accepted: ignore,
    declined: ignore,
    assumed: ignore,
    unaccepted: ignore,
    moved: ignore,
    introduced: ignore,
    agentLeft: ignore,
    callerLeft: to('ended'),
    deadline: to('ended'),
    stopped: to('ended'),
  },
  dialling: {
    answered: ignore,
    dialled: to('announcing', 'announce'),
    announced: ignore,
    accepted: ignore,
    declined: to('ended', 'decline'),
    assumed: ignore,
    unaccepted: ignore,
    moved: ignore,
    introduced: ignore,
    agentLeft: ignore,
    callerLeft: to('ended'),
    deadline: to('ended'),
    stopped: to('ended'),
  },
  // A person who knows what comes need not hear the whole announcement.
  announcing: {
    answered: ignore,
    dialled: ignore,
    announced: to('awaiting', 'ask'),
    accepted: to('joining', 'endAnnouncement', 'join'),
    declined: to('ended', 'endAnnouncement', 'decline'),
    assumed: ignore,
    unaccepted: ignore,
    moved: ignore,
    introduced: ignore,
    agentLeft: ignore,
    callerLeft: to('ended', 'endAnnouncement'),
    deadline: to('ended', 'endAnnouncement'),
    stopped: to('ended', 'endAnnouncement'),
  },
  awaiting: {
    answered: ignore,
    dialled: ignore,
    announced: ignore,
    accepted: to('joining', 'join'),
    declined: to('ended', 'decline'),
    assumed: to('joining', 'join'),
    unaccepted: to('ended', 'refuse'),
    moved: ignore,
    introduced: ignore,
    agentLeft: ignore,
    callerLeft: to('ended'),
    deadline: to('ended'),
    stopped: to('ended'),
  },
  // The person has accepted: no later digit takes that back.
  joining: {
    answered: ignore,
    dialled: ignore,
    announced: ignore,
    accepted: ignore,
    declined: ignore,
    assumed: ignore,
    unaccepted: ignore,
    moved: to('introducing', 'introduce'),
    introduced: ignore,
    agentLeft: ignore,
    callerLeft: to('ended'),
    deadline: to('ended'),
    stopped: to('ended'),
  },
  // The caller has reached the person: only a destination that hangs up, or a transfer that is called off, undoes that.
  introducing: {
    answered: ignore,
    dialled: ignore,
    announced: ignore,
    accepted: ignore,
    declined: ignore,
    assumed: ignore,
    unaccepted: ignore,
    moved: ignore,
    introduced: to('ended', 'succeed'),
    agentLeft: to('ended', 'succeed'),
    callerLeft: to('ended', 'succeed'),
    deadline: to('ended', 'succeed'),
    stopped: to('ended'),
  },
  ended: {
    answered: ignore,
    dialled: ignore,
    announced: ignore,
    accepted: ignore,
    declined: ignore,
    assumed: ignore,
    unaccepted: ignore,
    moved: ignore,
    introduced: ignore,
    agentLeft: ignore,
    callerLeft: ignore,
    deadline: ignore,
    stopped: ignore,
  },
})
