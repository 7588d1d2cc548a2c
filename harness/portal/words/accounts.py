"""Words of signing in, one's own account and the mail that goes with it."""

ACCOUNTS: dict[str, tuple[str, str]] = {
    "sign-in": ("Sign in", "登录"),
    "sign-in.lead": (
        "You will see what you are asked to accept, and what others said.",
        "登录后可查看需要您验收的内容以及其他人的意见。",
    ),
    "sign-in.passkey": ("Sign in with a passkey", "使用通行密钥登录"),
    "sign-in.or": ("or with a password", "或使用密码"),
    "sign-in.email": ("E-mail address", "电子邮箱"),
    "sign-in.password": ("Password", "密码"),
    "sign-in.wrong": (
        "That is not right, or there were too many tries. A passkey still works; a password again after 15 minutes.",
        "信息不正确，或尝试次数过多。仍可使用通行密钥登录；密码请在 15 分钟后再试。",
    ),
    "passkey.challenge": (
        "This request is over, was used already or belongs to another session. Please start again from the page.",
        "该请求已过期、已使用或属于其他会话。请从页面重新开始。",
    ),
    "passkey.unknown": ("This passkey is not known here.", "未识别此通行密钥。"),
    "passkey.wrong": ("The passkey's answer is not right. Nothing was done.", "通行密钥的响应不正确，未执行任何操作。"),
    "passkey.unusable": ("The answer of the device can't be read.", "无法读取设备的响应。"),
    "passkey.known": ("This passkey is here already.", "此通行密钥已存在。"),
    "passkey.confirm-with": (
        "Please confirm with a passkey that you already have first. If you have lost it, ask an administrator for a reset.",
        "请先用您已有的通行密钥确认。如果您丢失了它，请联系管理员重置。",
    ),
    "passkey.confirm-first": ("Please confirm your password first.", "请先确认您的密码。"),
    "passkey.stopped": (
        "The device did not finish. Nothing was done; you can try again.",
        "设备未完成操作。未执行任何操作，可以重试。",
    ),
    "passkey.missing": (
        "This browser can't use passkeys here. Please use a current browser at this site's own https address.",
        "此浏览器在此处无法使用通行密钥。请使用较新的浏览器并通过本站 https 地址访问。",
    ),
    "account": ("My account", "我的账户"),
    "account.known-as": ("Others see you as", "他人看到的您"),
    "account.roles": ("What you may do", "您的角色"),
    "account.role-waiting": ("waits for a second person to agree", "等待第二人同意"),
    "account.no-roles": ("No role yet", "暂无角色"),
    "account.passkeys": ("Passkeys", "通行密钥"),
    "account.passkeys.lead": (
        "You sign with a passkey: your finger, face or PIN on a device that only you hold. Nobody else can add one for you.",
        "您使用通行密钥签署：在只有您持有的设备上使用指纹、面容或 PIN 码。任何人都不能替您添加。",
    ),
    "account.passkeys.mark": (
        "The line under each name is its fingerprint. Give it to the owners of the release policy yourself, not through "
        "the people who run this portal: then the gate takes your signature by this passkey alone.",
        "名称下方是该通行密钥的指纹。请您亲自交给发布策略的负责人，不要经由运行本门户的人员转交：此后关卡只认可由此通行密钥作出的签署。",
    ),
    "account.passkey.added": ("added {when}", "添加于 {when}"),
    "account.passkey.label": ("A name for this device", "设备名称"),
    "account.passkey.add": ("Add a passkey", "添加通行密钥"),
    "account.passkey.remove": ("Remove", "移除"),
    "account.no-passkeys": (
        "You have no passkey yet. You can read and answer, but you can't sign.",
        "您还没有通行密钥。可以阅读和答复，但不能签署。",
    ),
    "account.confirm": ("Confirm that it is you", "确认是您本人"),
    "account.confirm.lead": (
        "Before passkeys can be changed we ask for your password again. It holds for five minutes.",
        "更改通行密钥前需要再次输入密码，确认后五分钟内有效。",
    ),
    "account.confirm.passkey": ("Confirm with your passkey", "用您的通行密钥确认"),
    "account.confirm.do": ("Confirm", "确认"),
    "account.password": ("Change the password", "更改密码"),
    "account.password.old": ("Present password", "当前密码"),
    "account.password.new": ("New password, at least 12 characters", "新密码，至少 12 个字符"),
    "account.password.do": ("Change it; every other session ends", "更改密码，其他会话将全部结束"),
    "account.zone": ("Time zone", "时区"),
    "password.short": ("The password needs at least 12 characters.", "密码至少需要 12 个字符。"),
    "password.long": ("The password is too long.", "密码过长。"),
    "password.yours": ("The password must not hold your name or address.", "密码不得包含您的姓名或邮箱。"),
    "password.common": ("Too many people use this password.", "该密码过于常见。"),
    "invitation": ("Welcome, {name}", "欢迎，{name}"),
    "invitation.lead": (
        "Choose a password. Then add a passkey: you will sign with it.",
        "请设置密码，随后添加用于签署的通行密钥。",
    ),
    "invitation.password": ("Password, at least 12 characters", "密码，至少 12 个字符"),
    "invitation.do": ("Go on", "继续"),
    "invitation.over": (
        "This link was used already or is over. Please ask for a new one.",
        "该链接已使用或已过期，请索取新的链接。",
    ),
    "mail.invitation.subject": ("You are invited to the sign-off portal", "邀请您使用验收签署门户"),
    "mail.invitation": (
        "Dear {name},\n\nplease open this link once and choose a password. It holds for three days and is for you alone:\n\n{link}\n",
        "{name}，您好：\n\n请打开以下链接设置密码。链接三天内有效，仅限您本人使用一次：\n\n{link}\n",
    ),
    "mail.reset.subject": ("Your way in to the sign-off portal was reset", "您的登录方式已被重置"),
    "mail.reset": (
        "Dear {name},\n\n{by} reset how you sign in. For a day nothing can be signed in your name. If you did not ask for this, "
        "tell your auditor.\n\n{link}\n",
        "{name}，您好：\n\n{by} 重置了您的登录方式。一天之内无法以您的名义签署。如果不是您要求的，请告知审计人员。\n\n{link}\n",
    ),
    "mail.passkey.subject": ("Your passkeys were changed", "您的通行密钥已变更"),
    "mail.passkey": (
        "Dear {name},\n\nyour passkeys on {url} were changed in a session of yours. If that was not you, tell your auditor now.\n",
        "{name}，您好：\n\n您在 {url} 的通行密钥已在您的会话中变更。如果不是您本人操作，请立即告知审计人员。\n",
    ),
    "mail.password.subject": ("Your password was changed", "您的密码已更改"),
    "mail.password": (
        "Dear {name},\n\nyour password on {url} was changed. If that was not you, tell your auditor now.\n",
        "{name}，您好：\n\n您在 {url} 的密码已更改。如果不是您本人操作，请立即告知审计人员。\n",
    ),
    "mail.asked.subject": ("You are asked to try {count} things in {project}", "请试用 {project} 中的 {count} 项内容"),
    "mail.asked": (
        "Dear {name},\n\nyou are asked to try {count} things and say whether they are right for your work. Please by {due}.\n\n{link}\n",
        "{name}，您好：\n\n请试用 {count} 项内容，并说明是否符合您的业务需要。请于 {due} 前完成。\n\n{link}\n",
    ),
    "mail.receipt.subject": ("Receipt: {code}, {decision}", "回执：{code}，{decision}"),
    "mail.receipt": (
        "Dear {name},\n\nyou signed {code} as {role}: {decision}.\nEntry {number} of the log. The checkpoint of the log is attached: keep "
        "it, it proves that your signature was there.\n\n{link}\n",
        "{name}，您好：\n\n您已以 {role} 身份签署 {code}：{decision}。\n日志第 {number} 条。附件为日志检查点，请妥善保存，它可证明您的签署存在。\n\n{link}\n",
    ),
}
