"""Lets a browser-use agent sign in: it calls a tool of ours when the site asks for the code.

OTPGATE_KEY=… OPENAI_API_KEY=… python browser_use_login.py https://acme.example user@example.com gpt-5
"""

import asyncio
import os
import sys

from browser_use import Agent, Browser, ChatOpenAI, Tools

from otpgate_client import AsyncOtpGate

TASK = "Go to {site} and ask for a code for {mailbox}. Enter the code that one_time_code gives you, and go on."


async def main(site: str, mailbox: str, model: str) -> None:
    """Sign in; the code is accepted when the agent succeeds and rejected when it does not."""
    tools: Tools[None] = Tools()
    browser = Browser(executable_path=os.environ.get("CHROMIUM"), headless=True, enable_default_extensions=False)
    async with AsyncOtpGate() as gate, gate.login(mailbox, sender="acme.example") as code:

        @tools.action("Get the one-time code that the site sent.")  # type: ignore[untyped-decorator]
        async def one_time_code() -> str:
            return await code.wait()

        task = TASK.format(site=site, mailbox=mailbox)
        llm = ChatOpenAI(model=model)
        agent = Agent(task, llm, tools=tools, browser=browser, use_vision=False, use_judge=False)
        history = await agent.run(max_steps=12)
        if not history.is_successful():
            raise RuntimeError("the agent could not sign in")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3]))
