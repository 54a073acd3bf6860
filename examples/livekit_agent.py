"""An agent on LiveKit that hands its caller to Baton's handoff `person` by REFER. Not run in Baton's tests: its syntax is checked."""
import os

from livekit import api
from livekit.agents import Agent, AgentSession, JobContext, RunContext, WorkerOptions, cli, function_tool, get_job_context
from livekit.plugins import openai


class Receptionist(Agent):
    @function_tool()
    async def hand_over(self, context: RunContext, caller: str) -> str:
        """Puts the caller through to a person. `caller`: the identity of the SIP participant."""
        job = get_job_context()
        person = api.TransferSIPParticipantRequest(
            room_name=job.room.name, participant_identity=caller, transfer_to=f"sip:person@{os.environ['BATON_HOST']}"
        )
        await job.api.sip.transfer_sip_participant(person)
        return "The caller is with a person."


async def entrypoint(job: JobContext) -> None:
    await job.connect()
    caller = await job.wait_for_participant()
    instructions = f"Help the caller, whose identity is {caller.identity}. Call hand_over when the caller asks for a person."
    await AgentSession(llm=openai.realtime.RealtimeModel()).start(agent=Receptionist(instructions=instructions), room=job.room)


cli.run_app(WorkerOptions(entrypoint_fnc=entrypoint))
