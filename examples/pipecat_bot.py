"""What a Pipecat bot on Daily adds to hand its caller to Baton's handoff `person` by REFER. Not run in Baton's tests: its syntax is checked."""
import os

from pipecat.services.llm_service import FunctionCallParams
from pipecat.transports.daily.transport import DailyTransport


def offer_hand_over(transport: DailyTransport, llm) -> None:
    """Lets the model call `hand_over`; give it a tool of that name, without arguments."""
    session: dict[str, str] = {}

    @transport.event_handler("on_dialin_connected")
    async def on_dialin_connected(_transport, data) -> None:
        session["id"] = data["sessionId"]

    async def hand_over(params: FunctionCallParams) -> None:
        person = f"sip:person@{os.environ['BATON_HOST']}"
        await transport.sip_refer({"sessionId": session["id"], "toEndPoint": person})
        await params.result_callback({"handed_over": True})

    llm.register_function("hand_over", hand_over)
