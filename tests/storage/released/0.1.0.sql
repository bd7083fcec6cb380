CREATE TABLE accounts (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    friendly_name TEXT NOT NULL,
    status TEXT NOT NULL,
    owner_sid TEXT NOT NULL,
    sealed_token TEXT NOT NULL,
    sealed_secondary_token TEXT,
    secondary_token_at BIGINT,
    sealed_retired_token TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "accounts" VALUES('AC00000000000000000000000000000001',1,'Cordboard','active','AC00000000000000000000000000000001','d4c827f1.Cl0vNGuqlFXj5waCoj1yDt6ILGt4TG7sgmveZpLVgWSehGIn/lr82QW7Ar15mQn6368T8N1HS4LqUwus',NULL,NULL,NULL,1577836800000,1577836800000);
CREATE TABLE activities (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    available SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "activities" VALUES('WA019b76daa80000012f978d8719999e3f',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Offline',0,1767225600000,1767225600000);
INSERT INTO "activities" VALUES('WA019b76daa8000002fe175330a11d459a',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Available',1,1767225600000,1767225600000);
INSERT INTO "activities" VALUES('WA019b76daa8000003dc2574bdb94067ed',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Unavailable',0,1767225600000,1767225600000);
CREATE TABLE api_keys (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    kind TEXT NOT NULL,
    friendly_name TEXT,
    policy TEXT,
    sealed_secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE canary (
    name TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL
);
INSERT INTO "canary" VALUES('key','d4c827f1.wglMrGKfb77YLAfNfgKh+vbSLtlWu21OFSAytyLrpoQDVIj+0aGUpBPmO4nZX8kapLITjNYLh0JaONh8t8k=');
CREATE TABLE conversation_configurations (
    account_sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    default_chat_service_sid TEXT NOT NULL,
    webhooks TEXT NOT NULL,
    has_service_webhooks SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "conversation_configurations" VALUES('AC00000000000000000000000000000001',1,'IS016f5e66e8000000f728b4fa42485e3a','{"pre_webhook_url":null,"post_webhook_url":null,"method":null,"filters":null,"target":"webhook"}',0,1577836800000,1577836800000);
CREATE TABLE conversation_messages (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    message_index BIGINT NOT NULL,
    author TEXT NOT NULL,
    participant_sid TEXT,
    body TEXT,
    subject TEXT,
    attributes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "conversation_messages" VALUES('IM019b76daa800001dc74803e31ba16215',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','CH019b76daa8000019acab1a6bc69d4bd8',0,'+12025550143','MB019b76daa800001b705fca161622bd79','My new bell is broken. May I have my money back?',NULL,'{}',1767225600000,1767225600000);
INSERT INTO "conversation_messages" VALUES('IM019b76daa800003093ea5c4ed8f33418',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','CH019b76daa8000019acab1a6bc69d4bd8',1,'ana','MB019b76daa800002b8a245e6b33138131','It is on its way.',NULL,'{}',1767225600000,1767225600000);
INSERT INTO "conversation_messages" VALUES('IM019b76daa800003244ef7febe8e5b461',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','CH019b76daa8000019acab1a6bc69d4bd8',2,'+12025550143','MB019b76daa800001b705fca161622bd79','Thank you!',NULL,'{}',1767225600000,1767225600000);
CREATE TABLE conversation_participants (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    identity TEXT,
    binding_type TEXT,
    address TEXT,
    proxy_address TEXT,
    level TEXT,
    name TEXT,
    holds_pair SMALLINT NOT NULL,
    role_sid TEXT,
    attributes TEXT NOT NULL,
    last_read_message_index BIGINT,
    last_read_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO "conversation_participants" VALUES('MB019b76daa800001b705fca161622bd79',2,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','CH019b76daa8000019acab1a6bc69d4bd8',NULL,'sms','+12025550143','+12025550100',NULL,NULL,0,NULL,'{}',NULL,NULL,1767225600000,1767225600000);
CREATE TABLE conversation_roles (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    scope TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e80000017c65c1e582e2e662',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','service admin','service','["createConversation","joinConversation","editOwnUserInfo","addParticipant","removeParticipant","deleteConversation","deleteAnyMessage","editAnyMessage","editAnyMessageAttributes","editAnyUserInfo","editConversationAttributes","editConversationName","editOwnMessage","editOwnMessageAttributes"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e8000002eb1167b367a9c378',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','service user','service','["createConversation","joinConversation","editOwnUserInfo"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e8000003d4713d60c8a70639',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','channel admin','conversation','["sendMessage","sendMediaMessage","leaveConversation","editOwnMessage","editOwnMessageAttributes","deleteOwnMessage","editConversationAttributes","editAnyMessage","editAnyMessageAttributes","deleteAnyMessage","addParticipant","addNonChatParticipant","removeParticipant","deleteConversation","editAnyParticipantAttributes","editConversationName","editNotificationLevel","editOwnParticipantAttributes"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e8000004f7c1bd874da5e709',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','channel user','conversation','["sendMessage","sendMediaMessage","leaveConversation","editOwnMessage","editOwnMessageAttributes","deleteOwnMessage"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e80000055ba91faf7a024204',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','admin','service','["joinConversation","deleteConversation","addParticipant","removeParticipant","editConversationAttributes","editOwnUserInfo","editAnyUserInfo"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e8000006e443df789558867f',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','supervisor','service','["joinConversation","addParticipant","removeParticipant","editOwnUserInfo"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e800000737ebdcd9e87a1613',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','guest','conversation','["sendMessage","sendMediaMessage","leaveConversation"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e800000823a7711a81332876',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','agent','conversation','["sendMessage","sendMediaMessage","leaveConversation","editOwnMessage","editOwnMessageAttributes","deleteOwnMessage","editConversationAttributes"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e800000923c6612f48268673',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','admin','conversation','["sendMessage","sendMediaMessage","leaveConversation","editOwnMessage","editOwnMessageAttributes","deleteOwnMessage","editConversationAttributes","editAnyMessage","editAnyMessageAttributes","deleteAnyMessage"]',1577836800000,1577836800000);
INSERT INTO "conversation_roles" VALUES('RL016f5e66e800000a1846d424c17c6279',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','supervisor','conversation','["sendMessage","sendMediaMessage","leaveConversation","editOwnMessage","editOwnMessageAttributes","deleteOwnMessage","editConversationAttributes","editAnyMessage","editAnyMessageAttributes","deleteAnyMessage"]',1577836800000,1577836800000);
CREATE TABLE conversation_services (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    default_conversation_creator_role_sid TEXT NOT NULL,
    default_conversation_role_sid TEXT NOT NULL,
    default_chat_service_role_sid TEXT NOT NULL,
    webhooks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "conversation_services" VALUES('IS016f5e66e8000000f728b4fa42485e3a',1,'AC00000000000000000000000000000001','Flex Chat Service','RL016f5e66e8000003d4713d60c8a70639','RL016f5e66e800000737ebdcd9e87a1613','RL016f5e66e8000002eb1167b367a9c378','{"pre_webhook_url":null,"post_webhook_url":null,"method":null,"filters":null,"target":"webhook"}',1577836800000,1577836800000);
CREATE TABLE conversation_users (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    role_sid TEXT NOT NULL,
    identity TEXT NOT NULL,
    friendly_name TEXT,
    attributes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "conversation_users" VALUES('US019b76daa800002ac541013d0326324d',1,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','RL016f5e66e8000002eb1167b367a9c378','ana',NULL,'{}',1767225600000,1767225600000);
CREATE TABLE conversation_webhooks (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    target TEXT NOT NULL,
    url TEXT,
    method TEXT NOT NULL,
    filters TEXT NOT NULL,
    triggers TEXT NOT NULL,
    flow_sid TEXT,
    replay_after BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE conversations (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    chat_service_sid TEXT NOT NULL,
    friendly_name TEXT,
    unique_name TEXT,
    attributes TEXT NOT NULL,
    state TEXT NOT NULL,
    next_index BIGINT NOT NULL,
    participant_count BIGINT NOT NULL,
    binding_count BIGINT NOT NULL,
    webhook_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO "conversations" VALUES('CH019b76daa8000019acab1a6bc69d4bd8',7,'AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a','A broken bell',NULL,'{}','closed',3,1,1,0,1767225600000,1767225600000);
CREATE TABLE deliveries (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    position BIGINT NOT NULL,
    resource_sid TEXT NOT NULL,
    url TEXT NOT NULL,
    fallback_url TEXT NOT NULL,
    method TEXT NOT NULL,
    content TEXT NOT NULL,
    payload TEXT NOT NULL,
    limit_ms BIGINT NOT NULL,
    asks TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    lane TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    holds_until BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    answer_status BIGINT,
    error_code BIGINT,
    error TEXT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE erasures (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    digest TEXT NOT NULL,
    sealed_name TEXT,
    status TEXT NOT NULL,
    step BIGINT NOT NULL,
    behind TEXT NOT NULL,
    counts TEXT NOT NULL,
    completed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE feed (
    account_sid TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO "feed" VALUES('AC00000000000000000000000000000001',41);
CREATE TABLE flex_channels (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    interaction_sid TEXT NOT NULL,
    type TEXT NOT NULL,
    initiated_by TEXT NOT NULL,
    status TEXT NOT NULL,
    conversation_sid TEXT NOT NULL,
    business_address TEXT,
    business_name TEXT,
    error_code BIGINT,
    error_message TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO "flex_channels" VALUES('UO019b76daa800002107923986bb968a43',2,'AC00000000000000000000000000000001','KD019b76daa80000207d5c8dfc5eda92d8','sms','customer','closed','CH019b76daa8000019acab1a6bc69d4bd8','+12025550100',NULL,NULL,NULL,1767225600000,1767225600000);
CREATE TABLE flex_configurations (
    account_sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    flex_instance_sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "flex_configurations" VALUES('AC00000000000000000000000000000001',1,'GO016f5e66e800000bcca5a5a19e4d6e3c',1577836800000,1577836800000);
CREATE TABLE flex_interactions (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    context_sid TEXT,
    webhook_ttid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO "flex_interactions" VALUES('KD019b76daa80000207d5c8dfc5eda92d8',1,'AC00000000000000000000000000000001',NULL,NULL,1767225600000,1767225600000);
CREATE TABLE flex_invites (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    interaction_sid TEXT NOT NULL,
    channel_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO "flex_invites" VALUES('KG019b76daa8000023b410d93c4efbc8d6',1,'AC00000000000000000000000000000001','KD019b76daa80000207d5c8dfc5eda92d8','UO019b76daa800002107923986bb968a43','WS019b76daa80000041ef2a4f04be03db0','WT019b76daa8000024fbb230bbd92a4aa2',1767225600000,1767225600000);
CREATE TABLE flex_participants (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    interaction_sid TEXT NOT NULL,
    channel_sid TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    conversation_participant_sid TEXT NOT NULL,
    task_sid TEXT,
    worker_sid TEXT,
    reservation_sid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO "flex_participants" VALUES('UT019b76daa80000220b21fbac78255d68',1,'AC00000000000000000000000000000001','KD019b76daa80000207d5c8dfc5eda92d8','UO019b76daa800002107923986bb968a43','customer','active','MB019b76daa800001b705fca161622bd79',NULL,NULL,NULL,1767225600000,1767225600000);
INSERT INTO "flex_participants" VALUES('UT019b76daa800002cdc3bf364eb8ac8ce',2,'AC00000000000000000000000000000001','KD019b76daa80000207d5c8dfc5eda92d8','UO019b76daa800002107923986bb968a43','agent','closed','MB019b76daa800002b8a245e6b33138131','WT019b76daa8000024fbb230bbd92a4aa2','WK019b76daa8000014cc22af58be6521cc','WR019b76daa800002597dae38d9d643c25',1767225600000,1767225600000);
CREATE TABLE journal (
    account_sid TEXT NOT NULL,
    position BIGINT NOT NULL,
    count BIGINT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (account_sid, position)
);
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',2,2,1577836800000,'{"facts":["Cordboard","active","AC00000000000000000000000000000001",{"sid":"IS016f5e66e8000000f728b4fa42485e3a","version":1,"account_sid":"AC00000000000000000000000000000001","friendly_name":"Flex Chat Service","default_conversation_creator_role_sid":"RL016f5e66e8000003d4713d60c8a70639","default_conversation_role_sid":"RL016f5e66e800000737ebdcd9e87a1613","default_chat_service_role_sid":"RL016f5e66e8000002eb1167b367a9c378","webhooks":{"pre_webhook_url":null,"post_webhook_url":null,"method":null,"filters":null,"target":"webhook"},"created_at":1577836800000,"updated_at":1577836800000}],"events":[["cordboard","account.created","AC00000000000000000000000000000001","AC00000000000000000000000000000001",[],{"friendly_name":0,"status":1,"owner_account_sid":2}],["conversations","service.added","IS016f5e66e8000000f728b4fa42485e3a","IS016f5e66e8000000f728b4fa42485e3a",[],{"service":3}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',13,11,1767225600000,'{"facts":[{"sid":"WS019b76daa80000041ef2a4f04be03db0","version":0,"account_sid":"AC00000000000000000000000000000001","friendly_name":"Bell shop","event_callback_url":"","events_filter":null,"multi_task_enabled":true,"prioritize_queue_order":"FIFO","default_activity_sid":"WA019b76daa80000012f978d8719999e3f","timeout_activity_sid":"WA019b76daa80000012f978d8719999e3f","created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop"},{"address":"127.0.0.1"},{"sid":"WA019b76daa80000012f978d8719999e3f","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Offline","available":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WA019b76daa8000002fe175330a11d459a","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Available","available":true,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WA019b76daa8000003dc2574bdb94067ed","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Unavailable","available":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"TC019b76daa8000005552b82f6be3edc0a","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Default","unique_name":"default","channel_optimized_routing":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"TC019b76daa8000006b8b333a8e5446dd4","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Voice","unique_name":"voice","channel_optimized_routing":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"TC019b76daa8000007b610a9f7f9270f4e","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Chat","unique_name":"chat","channel_optimized_routing":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"TC019b76daa8000008efba91fc803468b6","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"SMS","unique_name":"sms","channel_optimized_routing":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"TC019b76daa80000096c0f3459f79b17ae","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Video","unique_name":"video","channel_optimized_routing":false,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WQ019b76daa800000ad47d380d81f9c1f6","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Sample Queue","target_workers":"1==1","max_reserved_workers":1,"task_order":"FIFO","reservation_activity_sid":null,"assignment_activity_sid":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WW019b76daa800000bab99254ae901e35c","friendly_name":"Default Fifo Workflow","configuration_number":1}],"events":[["taskrouter","workspace.created","WS019b76daa80000041ef2a4f04be03db0","WS019b76daa80000041ef2a4f04be03db0",[],{"workspace":0,"named":1,"cause":2}],["taskrouter","activity.created","WS019b76daa80000041ef2a4f04be03db0","WA019b76daa80000012f978d8719999e3f",[],{"activity":3,"named":1,"cause":2}],["taskrouter","activity.created","WS019b76daa80000041ef2a4f04be03db0","WA019b76daa8000002fe175330a11d459a",[],{"activity":4,"named":1,"cause":2}],["taskrouter","activity.created","WS019b76daa80000041ef2a4f04be03db0","WA019b76daa8000003dc2574bdb94067ed",[],{"activity":5,"named":1,"cause":2}],["taskrouter","task-channel.created","WS019b76daa80000041ef2a4f04be03db0","TC019b76daa8000005552b82f6be3edc0a",[],{"task_channel":6,"named":1,"cause":2}],["taskrouter","task-channel.created","WS019b76daa80000041ef2a4f04be03db0","TC019b76daa8000006b8b333a8e5446dd4",[],{"task_channel":7,"named":1,"cause":2}],["taskrouter","task-channel.created","WS019b76daa80000041ef2a4f04be03db0","TC019b76daa8000007b610a9f7f9270f4e",[],{"task_channel":8,"named":1,"cause":2}],["taskrouter","task-channel.created","WS019b76daa80000041ef2a4f04be03db0","TC019b76daa8000008efba91fc803468b6",[],{"task_channel":9,"named":1,"cause":2}],["taskrouter","task-channel.created","WS019b76daa80000041ef2a4f04be03db0","TC019b76daa80000096c0f3459f79b17ae",[],{"task_channel":10,"named":1,"cause":2}],["taskrouter","task-queue.created","WS019b76daa80000041ef2a4f04be03db0","WQ019b76daa800000ad47d380d81f9c1f6",[],{"task_queue":11,"named":1,"cause":2}],["taskrouter","workflow.created","WS019b76daa80000041ef2a4f04be03db0","WW019b76daa800000bab99254ae901e35c",[],{"workflow":12,"named":1,"cause":2}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',14,1,1767225600000,'{"facts":[{"sid":"WQ019b76daa800000ee1ea24c4f9341c68","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Refunds","target_workers":"skills HAS \"refunds\"","max_reserved_workers":1,"task_order":"FIFO","reservation_activity_sid":null,"assignment_activity_sid":null,"created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop"},{"address":"127.0.0.1"}],"events":[["taskrouter","task-queue.created","WS019b76daa80000041ef2a4f04be03db0","WQ019b76daa800000ee1ea24c4f9341c68",[],{"task_queue":0,"named":1,"cause":2}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',15,1,1767225600000,'{"facts":[{"sid":"WW019b76daa8000010815a47c5f0dfb4a5","friendly_name":"By topic","configuration_number":1},{"workspace":"Bell shop"},{"address":"127.0.0.1"}],"events":[["taskrouter","workflow.created","WS019b76daa80000041ef2a4f04be03db0","WW019b76daa8000010815a47c5f0dfb4a5",[],{"workflow":0,"named":1,"cause":2}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',16,1,1767225600000,'{"facts":[{"sid":"WK019b76daa8000014cc22af58be6521cc","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"ana","name_key":"ana","activity_sid":"WA019b76daa8000002fe175330a11d459a","available":true,"attributes":"{\"skills\": [\"orders\", \"refunds\"]}","channels":{},"status_changed_at":1767225600000,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WA019b76daa8000002fe175330a11d459a","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Available","available":true,"created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop","activity":"Available"},{"address":"127.0.0.1"}],"events":[["taskrouter","worker.created","WS019b76daa80000041ef2a4f04be03db0","WK019b76daa8000014cc22af58be6521cc",[],{"worker":0,"activity":1,"named":2,"cause":3}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',17,1,1767225600000,'{"facts":[{"sid":"WK019b76daa80000162c4a3698aa2ca1af","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"bob","name_key":"bob","activity_sid":"WA019b76daa8000002fe175330a11d459a","available":true,"attributes":"{\"skills\": [\"orders\"]}","channels":{},"status_changed_at":1767225600000,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WA019b76daa8000002fe175330a11d459a","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Available","available":true,"created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop","activity":"Available"},{"address":"127.0.0.1"}],"events":[["taskrouter","worker.created","WS019b76daa80000041ef2a4f04be03db0","WK019b76daa80000162c4a3698aa2ca1af",[],{"worker":0,"activity":1,"named":2,"cause":3}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',18,1,1767225600000,'{"facts":[{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"active","next_index":0,"participant_count":0,"binding_count":0,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000}],"events":[["conversations","conversation.added","IS016f5e66e8000000f728b4fa42485e3a","CH019b76daa8000019acab1a6bc69d4bd8",[],{"conversation":0}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',19,1,1767225600000,'{"facts":[{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":2,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"active","next_index":0,"participant_count":1,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"MB019b76daa800001b705fca161622bd79","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","identity":null,"binding_type":"sms","address":"+12025550143","proxy_address":"+12025550100","level":null,"name":null,"holds_pair":true,"role_sid":null,"attributes":"{}","last_read_message_index":null,"last_read_at":null,"created_at":1767225600000,"updated_at":1767225600000}],"events":[["conversations","participant.added","IS016f5e66e8000000f728b4fa42485e3a","MB019b76daa800001b705fca161622bd79",[],{"conversation":0,"participant":1}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',20,1,1767225600000,'{"facts":[{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":3,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"active","next_index":1,"participant_count":1,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"IM019b76daa800001dc74803e31ba16215","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","message_index":0,"author":"+12025550143","participant_sid":"MB019b76daa800001b705fca161622bd79","body":"My new bell is broken. May I have my money back?","subject":null,"attributes":"{}","created_at":1767225600000,"updated_at":1767225600000}],"events":[["conversations","message.added","IS016f5e66e8000000f728b4fa42485e3a","IM019b76daa800001dc74803e31ba16215",[],{"conversation":0,"message":1}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',28,8,1767225600000,'{"facts":[{"sid":"UO019b76daa800002107923986bb968a43","version":1,"account_sid":"AC00000000000000000000000000000001","interaction_sid":"KD019b76daa80000207d5c8dfc5eda92d8","type":"sms","initiated_by":"customer","status":"active","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","business_address":"+12025550100","business_name":null,"error_code":null,"error_message":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"KD019b76daa80000207d5c8dfc5eda92d8","version":1,"account_sid":"AC00000000000000000000000000000001","context_sid":null,"webhook_ttid":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"UT019b76daa80000220b21fbac78255d68","version":1,"account_sid":"AC00000000000000000000000000000001","interaction_sid":"KD019b76daa80000207d5c8dfc5eda92d8","channel_sid":"UO019b76daa800002107923986bb968a43","type":"customer","status":"active","conversation_participant_sid":"MB019b76daa800001b705fca161622bd79","task_sid":null,"worker_sid":null,"reservation_sid":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WT019b76daa8000024fbb230bbd92a4aa2","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","configuration_number":1,"task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","task_channel_unique_name":"sms","assignment_status":"pending","attributes":"{\"topic\":\"refund\",\"customerName\":\"Joni\",\"flexInteractionSid\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"flexInteractionChannelSid\":\"UO019b76daa800002107923986bb968a43\",\"flexChannelInviteSid\":\"KG019b76daa8000023b410d93c4efbc8d6\",\"conversationSid\":\"CH019b76daa8000019acab1a6bc69d4bd8\",\"channelType\":\"sms\",\"initiatedBy\":\"customer\",\"direction\":\"inbound\",\"taskCreateSource\":\"interaction\",\"customers\":{\"name\":\"Joni\",\"phone\":null,\"email\":null},\"conversations\":{\"conversation_id\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"initiated_by\":\"customer\",\"communication_channel\":\"Sms\",\"media\":[{\"type\":\"ChatTranscript\",\"sid\":\"CH019b76daa8000019acab1a6bc69d4bd8\"}],\"external_contact\":\"+12025550100\"}}","addons":"{}","priority":0,"reason":null,"timeout_s":86400,"routing_target":null,"ignore_capacity":false,"assignment_counter":0,"virtual_start_at":1767225600000,"queue_entered_at":1767225600000,"ended_at":null,"created_at":1767225600000,"updated_at":1767225600000,"offered_to":[],"transfer":null,"standing":{"place":{"filter_index":0}}},{"sid":"WW019b76daa8000010815a47c5f0dfb4a5","friendly_name":"By topic"},{"workspace":"Bell shop","task_queue":"Refunds","target_workers":"skills HAS \"refunds\"","workflow":"By topic"},{"address":"127.0.0.1"},{"sid":"WQ019b76daa800000ee1ea24c4f9341c68","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Refunds","target_workers":"skills HAS \"refunds\"","max_reserved_workers":1,"task_order":"FIFO","reservation_activity_sid":null,"assignment_activity_sid":null,"created_at":1767225600000,"updated_at":1767225600000},{"filter_index":0,"filter_name":null,"filter_expression":"topic == \"refund\"","target_index":0,"target_name":null,"target_expression":null,"queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","priority":null,"known_worker_sid":null,"known_worker_friendly_name":null}],"events":[["flex","interaction.created","KD019b76daa80000207d5c8dfc5eda92d8","KD019b76daa80000207d5c8dfc5eda92d8",[],{"channel":0,"interaction":1}],["flex","channel.created","KD019b76daa80000207d5c8dfc5eda92d8","UO019b76daa800002107923986bb968a43",[],{"channel":0}],["flex","participant.joined","KD019b76daa80000207d5c8dfc5eda92d8","UT019b76daa80000220b21fbac78255d68",[],{"channel":0,"participant":2}],["taskrouter","workflow.entered","WS019b76daa80000041ef2a4f04be03db0","WT019b76daa8000024fbb230bbd92a4aa2",[],{"task":3,"workflow":4,"named":5,"cause":6}],["taskrouter","task-queue.entered","WS019b76daa80000041ef2a4f04be03db0","WT019b76daa8000024fbb230bbd92a4aa2",[],{"task":3,"task_queue":7,"named":5,"cause":6}],["taskrouter","task.created","WS019b76daa80000041ef2a4f04be03db0","WT019b76daa8000024fbb230bbd92a4aa2",[],{"task":3,"workflow":4,"task_queue":7,"named":5,"cause":6}],["taskrouter","workflow.target-matched","WS019b76daa80000041ef2a4f04be03db0","WT019b76daa8000024fbb230bbd92a4aa2",[],{"task":3,"workflow":4,"target":8,"named":5,"cause":6}],["flex","channel.status.updated","KD019b76daa80000207d5c8dfc5eda92d8","UO019b76daa800002107923986bb968a43",[],{"channel":0}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',29,1,1767225600000,'{"facts":[{"sid":"WR019b76daa800002597dae38d9d643c25","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","task_sid":"WT019b76daa8000024fbb230bbd92a4aa2","worker_sid":"WK019b76daa8000014cc22af58be6521cc","worker_name":"ana","reservation_status":"pending","task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","worker_previous_activity_sid":"WA019b76daa8000002fe175330a11d459a","timeout_s":120,"expires_at":1767225720000,"created_at":1767225600000,"updated_at":1767225600000,"on_hold":false,"transfer_sid":null},{"sid":"WT019b76daa8000024fbb230bbd92a4aa2","version":1,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","configuration_number":1,"task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","task_channel_unique_name":"sms","assignment_status":"reserved","attributes":"{\"topic\":\"refund\",\"customerName\":\"Joni\",\"flexInteractionSid\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"flexInteractionChannelSid\":\"UO019b76daa800002107923986bb968a43\",\"flexChannelInviteSid\":\"KG019b76daa8000023b410d93c4efbc8d6\",\"conversationSid\":\"CH019b76daa8000019acab1a6bc69d4bd8\",\"channelType\":\"sms\",\"initiatedBy\":\"customer\",\"direction\":\"inbound\",\"taskCreateSource\":\"interaction\",\"customers\":{\"name\":\"Joni\",\"phone\":null,\"email\":null},\"conversations\":{\"conversation_id\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"initiated_by\":\"customer\",\"communication_channel\":\"Sms\",\"media\":[{\"type\":\"ChatTranscript\",\"sid\":\"CH019b76daa8000019acab1a6bc69d4bd8\"}],\"external_contact\":\"+12025550100\"}}","addons":"{}","priority":0,"reason":null,"timeout_s":86400,"routing_target":null,"ignore_capacity":false,"assignment_counter":1,"virtual_start_at":1767225600000,"queue_entered_at":1767225600000,"ended_at":null,"created_at":1767225600000,"updated_at":1767225600000,"offered_to":[],"transfer":null,"standing":{"place":{"filter_index":0}}},{"sid":"WK019b76daa8000014cc22af58be6521cc","version":1,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"ana","name_key":"ana","activity_sid":"WA019b76daa8000002fe175330a11d459a","available":true,"attributes":"{\"skills\": [\"orders\", \"refunds\"]}","channels":{"TC019b76daa8000008efba91fc803468b6":{"configured_capacity":1,"available":true,"pending":1,"accepted":0,"wrapping":0,"last_reserved_us":1767225600000000,"updated_at":null}},"status_changed_at":1767225600000,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WQ019b76daa800000ee1ea24c4f9341c68","version":0,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"Refunds","target_workers":"skills HAS \"refunds\"","max_reserved_workers":1,"task_order":"FIFO","reservation_activity_sid":null,"assignment_activity_sid":null,"created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop","task_queue":"Refunds","target_workers":"skills HAS \"refunds\"","workflow":"By topic","activity":"Available"}],"events":[["taskrouter","reservation.created","WS019b76daa80000041ef2a4f04be03db0","WR019b76daa800002597dae38d9d643c25",["WT019b76daa8000024fbb230bbd92a4aa2","WK019b76daa8000014cc22af58be6521cc"],{"reservation":0,"task":1,"worker":2,"task_queue":3,"named":4}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',33,4,1767225600000,'{"facts":[{"sid":"WR019b76daa800002597dae38d9d643c25","version":1,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","task_sid":"WT019b76daa8000024fbb230bbd92a4aa2","worker_sid":"WK019b76daa8000014cc22af58be6521cc","worker_name":"ana","reservation_status":"accepted","task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","worker_previous_activity_sid":"WA019b76daa8000002fe175330a11d459a","timeout_s":120,"expires_at":1767225720000,"created_at":1767225600000,"updated_at":1767225600000,"on_hold":false,"transfer_sid":null},{"sid":"WT019b76daa8000024fbb230bbd92a4aa2","version":2,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","configuration_number":1,"task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","task_channel_unique_name":"sms","assignment_status":"assigned","attributes":"{\"topic\":\"refund\",\"customerName\":\"Joni\",\"flexInteractionSid\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"flexInteractionChannelSid\":\"UO019b76daa800002107923986bb968a43\",\"flexChannelInviteSid\":\"KG019b76daa8000023b410d93c4efbc8d6\",\"conversationSid\":\"CH019b76daa8000019acab1a6bc69d4bd8\",\"channelType\":\"sms\",\"initiatedBy\":\"customer\",\"direction\":\"inbound\",\"taskCreateSource\":\"interaction\",\"customers\":{\"name\":\"Joni\",\"phone\":null,\"email\":null},\"conversations\":{\"conversation_id\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"initiated_by\":\"customer\",\"communication_channel\":\"Sms\",\"media\":[{\"type\":\"ChatTranscript\",\"sid\":\"CH019b76daa8000019acab1a6bc69d4bd8\"}],\"external_contact\":\"+12025550100\"}}","addons":"{}","priority":0,"reason":null,"timeout_s":86400,"routing_target":null,"ignore_capacity":false,"assignment_counter":1,"virtual_start_at":1767225600000,"queue_entered_at":1767225600000,"ended_at":null,"created_at":1767225600000,"updated_at":1767225600000,"offered_to":[],"transfer":null,"standing":{"place":{"filter_index":0}}},{"sid":"WK019b76daa8000014cc22af58be6521cc","version":2,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"ana","name_key":"ana","activity_sid":"WA019b76daa8000002fe175330a11d459a","available":true,"attributes":"{\"skills\": [\"orders\", \"refunds\"]}","channels":{"TC019b76daa8000008efba91fc803468b6":{"configured_capacity":1,"available":true,"pending":0,"accepted":1,"wrapping":0,"last_reserved_us":1767225600000000,"updated_at":null}},"status_changed_at":1767225600000,"created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop","task_queue":"Refunds","target_workers":"skills HAS \"refunds\"","workflow":"By topic","activity":"Available"},{"address":"127.0.0.1"},{"sid":"US019b76daa800002ac541013d0326324d","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","role_sid":"RL016f5e66e8000002eb1167b367a9c378","identity":"ana","friendly_name":null,"attributes":"{}","created_at":1767225600000,"updated_at":1767225600000},{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":4,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"active","next_index":1,"participant_count":2,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"MB019b76daa800002b8a245e6b33138131","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","identity":"ana","binding_type":null,"address":null,"proxy_address":null,"level":null,"name":null,"holds_pair":false,"role_sid":"RL016f5e66e800000823a7711a81332876","attributes":"{}","last_read_message_index":null,"last_read_at":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"UO019b76daa800002107923986bb968a43","version":1,"account_sid":"AC00000000000000000000000000000001","interaction_sid":"KD019b76daa80000207d5c8dfc5eda92d8","type":"sms","initiated_by":"customer","status":"active","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","business_address":"+12025550100","business_name":null,"error_code":null,"error_message":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"UT019b76daa800002cdc3bf364eb8ac8ce","version":1,"account_sid":"AC00000000000000000000000000000001","interaction_sid":"KD019b76daa80000207d5c8dfc5eda92d8","channel_sid":"UO019b76daa800002107923986bb968a43","type":"agent","status":"active","conversation_participant_sid":"MB019b76daa800002b8a245e6b33138131","task_sid":"WT019b76daa8000024fbb230bbd92a4aa2","worker_sid":"WK019b76daa8000014cc22af58be6521cc","reservation_sid":"WR019b76daa800002597dae38d9d643c25","created_at":1767225600000,"updated_at":1767225600000}],"events":[["taskrouter","reservation.accepted","WS019b76daa80000041ef2a4f04be03db0","WR019b76daa800002597dae38d9d643c25",["WT019b76daa8000024fbb230bbd92a4aa2","WK019b76daa8000014cc22af58be6521cc"],{"reservation":0,"task":1,"worker":2,"named":3,"cause":4}],["conversations","user.added","IS016f5e66e8000000f728b4fa42485e3a","US019b76daa800002ac541013d0326324d",[],{"user":5}],["conversations","participant.added","IS016f5e66e8000000f728b4fa42485e3a","MB019b76daa800002b8a245e6b33138131",[],{"conversation":6,"participant":7}],["flex","participant.joined","KD019b76daa80000207d5c8dfc5eda92d8","UT019b76daa800002cdc3bf364eb8ac8ce",[],{"channel":8,"participant":9}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',34,1,1767225600000,'{"facts":[{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":5,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"active","next_index":2,"participant_count":2,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"IM019b76daa800003093ea5c4ed8f33418","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","message_index":1,"author":"ana","participant_sid":"MB019b76daa800002b8a245e6b33138131","body":"It is on its way.","subject":null,"attributes":"{}","created_at":1767225600000,"updated_at":1767225600000}],"events":[["conversations","message.added","IS016f5e66e8000000f728b4fa42485e3a","IM019b76daa800003093ea5c4ed8f33418",[],{"conversation":0,"message":1}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',35,1,1767225600000,'{"facts":[{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":6,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"active","next_index":3,"participant_count":2,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"IM019b76daa800003244ef7febe8e5b461","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","message_index":2,"author":"+12025550143","participant_sid":"MB019b76daa800001b705fca161622bd79","body":"Thank you!","subject":null,"attributes":"{}","created_at":1767225600000,"updated_at":1767225600000}],"events":[["conversations","message.added","IS016f5e66e8000000f728b4fa42485e3a","IM019b76daa800003244ef7febe8e5b461",[],{"conversation":0,"message":1}]]}');
INSERT INTO "journal" VALUES('AC00000000000000000000000000000001',41,6,1767225600000,'{"facts":[{"sid":"UO019b76daa800002107923986bb968a43","version":2,"account_sid":"AC00000000000000000000000000000001","interaction_sid":"KD019b76daa80000207d5c8dfc5eda92d8","type":"sms","initiated_by":"customer","status":"closed","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","business_address":"+12025550100","business_name":null,"error_code":null,"error_message":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":7,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"closed","next_index":3,"participant_count":2,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},"active","closed","API",{"sid":"UT019b76daa800002cdc3bf364eb8ac8ce","version":2,"account_sid":"AC00000000000000000000000000000001","interaction_sid":"KD019b76daa80000207d5c8dfc5eda92d8","channel_sid":"UO019b76daa800002107923986bb968a43","type":"agent","status":"closed","conversation_participant_sid":"MB019b76daa800002b8a245e6b33138131","task_sid":"WT019b76daa8000024fbb230bbd92a4aa2","worker_sid":"WK019b76daa8000014cc22af58be6521cc","reservation_sid":"WR019b76daa800002597dae38d9d643c25","created_at":1767225600000,"updated_at":1767225600000},{"sid":"CH019b76daa8000019acab1a6bc69d4bd8","version":7,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","friendly_name":"A broken bell","unique_name":null,"attributes":"{}","state":"closed","next_index":3,"participant_count":1,"binding_count":1,"webhook_count":0,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"MB019b76daa800002b8a245e6b33138131","version":1,"account_sid":"AC00000000000000000000000000000001","chat_service_sid":"IS016f5e66e8000000f728b4fa42485e3a","conversation_sid":"CH019b76daa8000019acab1a6bc69d4bd8","identity":"ana","binding_type":null,"address":null,"proxy_address":null,"level":null,"name":null,"holds_pair":false,"role_sid":"RL016f5e66e800000823a7711a81332876","attributes":"{}","last_read_message_index":null,"last_read_at":null,"created_at":1767225600000,"updated_at":1767225600000},{"sid":"WT019b76daa8000024fbb230bbd92a4aa2","version":3,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","configuration_number":1,"task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","task_channel_unique_name":"sms","assignment_status":"completed","attributes":"{\"topic\":\"refund\",\"customerName\":\"Joni\",\"flexInteractionSid\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"flexInteractionChannelSid\":\"UO019b76daa800002107923986bb968a43\",\"flexChannelInviteSid\":\"KG019b76daa8000023b410d93c4efbc8d6\",\"conversationSid\":\"CH019b76daa8000019acab1a6bc69d4bd8\",\"channelType\":\"sms\",\"initiatedBy\":\"customer\",\"direction\":\"inbound\",\"taskCreateSource\":\"interaction\",\"customers\":{\"name\":\"Joni\",\"phone\":null,\"email\":null},\"conversations\":{\"conversation_id\":\"KD019b76daa80000207d5c8dfc5eda92d8\",\"initiated_by\":\"customer\",\"communication_channel\":\"Sms\",\"media\":[{\"type\":\"ChatTranscript\",\"sid\":\"CH019b76daa8000019acab1a6bc69d4bd8\"}],\"external_contact\":\"+12025550100\"}}","addons":"{}","priority":0,"reason":null,"timeout_s":86400,"routing_target":null,"ignore_capacity":false,"assignment_counter":1,"virtual_start_at":1767225600000,"queue_entered_at":1767225600000,"ended_at":1767225600000,"created_at":1767225600000,"updated_at":1767225600000,"offered_to":[],"transfer":null,"standing":{"place":{"filter_index":0}}},{"workspace":"Bell shop","task_queue":"Refunds","target_workers":"skills HAS \"refunds\"","workflow":"By topic"},{"address":"127.0.0.1"},{"sid":"WR019b76daa800002597dae38d9d643c25","version":2,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","task_sid":"WT019b76daa8000024fbb230bbd92a4aa2","worker_sid":"WK019b76daa8000014cc22af58be6521cc","worker_name":"ana","reservation_status":"completed","task_queue_sid":"WQ019b76daa800000ee1ea24c4f9341c68","workflow_sid":"WW019b76daa8000010815a47c5f0dfb4a5","task_channel_sid":"TC019b76daa8000008efba91fc803468b6","worker_previous_activity_sid":"WA019b76daa8000002fe175330a11d459a","timeout_s":120,"expires_at":1767225720000,"created_at":1767225600000,"updated_at":1767225600000,"on_hold":false,"transfer_sid":null},{"sid":"WK019b76daa8000014cc22af58be6521cc","version":3,"account_sid":"AC00000000000000000000000000000001","workspace_sid":"WS019b76daa80000041ef2a4f04be03db0","friendly_name":"ana","name_key":"ana","activity_sid":"WA019b76daa8000002fe175330a11d459a","available":true,"attributes":"{\"skills\": [\"orders\", \"refunds\"]}","channels":{"TC019b76daa8000008efba91fc803468b6":{"configured_capacity":1,"available":true,"pending":0,"accepted":0,"wrapping":0,"last_reserved_us":1767225600000000,"updated_at":null}},"status_changed_at":1767225600000,"created_at":1767225600000,"updated_at":1767225600000},{"workspace":"Bell shop","task_queue":"Refunds","target_workers":"skills HAS \"refunds\"","workflow":"By topic","activity":"Available"}],"events":[["flex","channel.status.updated","KD019b76daa80000207d5c8dfc5eda92d8","UO019b76daa800002107923986bb968a43",[],{"channel":0}],["conversations","conversation.state.updated","IS016f5e66e8000000f728b4fa42485e3a","CH019b76daa8000019acab1a6bc69d4bd8",[],{"conversation":1,"before":2,"after":3,"reason":4}],["flex","participant.left","KD019b76daa80000207d5c8dfc5eda92d8","UT019b76daa800002cdc3bf364eb8ac8ce",[],{"channel":0,"participant":5}],["conversations","participant.removed","IS016f5e66e8000000f728b4fa42485e3a","MB019b76daa800002b8a245e6b33138131",[],{"conversation":6,"participant":7}],["taskrouter","task.completed","WS019b76daa80000041ef2a4f04be03db0","WT019b76daa8000024fbb230bbd92a4aa2",[],{"task":8,"named":9,"cause":10}],["taskrouter","reservation.completed","WS019b76daa80000041ef2a4f04be03db0","WR019b76daa800002597dae38d9d643c25",["WT019b76daa8000024fbb230bbd92a4aa2","WK019b76daa8000014cc22af58be6521cc"],{"reservation":11,"task":8,"worker":12,"named":13,"cause":10}]]}');
CREATE TABLE journal_index (
    account_sid TEXT NOT NULL,
    resource_sid TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (account_sid, resource_sid, position)
) WITHOUT ROWID;
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','AC00000000000000000000000000000001',2);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','CH019b76daa8000019acab1a6bc69d4bd8',18);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','CH019b76daa8000019acab1a6bc69d4bd8',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','IM019b76daa800001dc74803e31ba16215',20);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','IM019b76daa800003093ea5c4ed8f33418',34);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','IM019b76daa800003244ef7febe8e5b461',35);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','IS016f5e66e8000000f728b4fa42485e3a',2);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','KD019b76daa80000207d5c8dfc5eda92d8',28);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','MB019b76daa800001b705fca161622bd79',19);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','MB019b76daa800002b8a245e6b33138131',33);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','MB019b76daa800002b8a245e6b33138131',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','TC019b76daa8000005552b82f6be3edc0a',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','TC019b76daa8000006b8b333a8e5446dd4',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','TC019b76daa8000007b610a9f7f9270f4e',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','TC019b76daa8000008efba91fc803468b6',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','TC019b76daa80000096c0f3459f79b17ae',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','UO019b76daa800002107923986bb968a43',28);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','UO019b76daa800002107923986bb968a43',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','US019b76daa800002ac541013d0326324d',33);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','UT019b76daa80000220b21fbac78255d68',28);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','UT019b76daa800002cdc3bf364eb8ac8ce',33);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','UT019b76daa800002cdc3bf364eb8ac8ce',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WA019b76daa80000012f978d8719999e3f',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WA019b76daa8000002fe175330a11d459a',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WA019b76daa8000003dc2574bdb94067ed',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WK019b76daa8000014cc22af58be6521cc',16);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WK019b76daa8000014cc22af58be6521cc',29);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WK019b76daa8000014cc22af58be6521cc',33);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WK019b76daa8000014cc22af58be6521cc',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WK019b76daa80000162c4a3698aa2ca1af',17);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WQ019b76daa800000ad47d380d81f9c1f6',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WQ019b76daa800000ee1ea24c4f9341c68',14);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WR019b76daa800002597dae38d9d643c25',29);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WR019b76daa800002597dae38d9d643c25',33);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WR019b76daa800002597dae38d9d643c25',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WT019b76daa8000024fbb230bbd92a4aa2',28);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WT019b76daa8000024fbb230bbd92a4aa2',29);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WT019b76daa8000024fbb230bbd92a4aa2',33);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WT019b76daa8000024fbb230bbd92a4aa2',41);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WW019b76daa800000bab99254ae901e35c',13);
INSERT INTO "journal_index" VALUES('AC00000000000000000000000000000001','WW019b76daa8000010815a47c5f0dfb4a5',15);
CREATE TABLE kept_answers (
    account_sid TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    status BIGINT NOT NULL,
    headers TEXT NOT NULL,
    sealed_body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_sid, idempotency_key)
);
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    node TEXT NOT NULL,
    until BIGINT NOT NULL
);
CREATE TABLE reservations (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    worker_sid TEXT NOT NULL,
    worker_name TEXT NOT NULL,
    reservation_status TEXT NOT NULL,
    task_queue_sid TEXT,
    workflow_sid TEXT,
    task_channel_sid TEXT NOT NULL,
    worker_previous_activity_sid TEXT,
    timeout_s BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    on_hold SMALLINT NOT NULL,
    transfer_sid TEXT
) WITHOUT ROWID;
INSERT INTO "reservations" VALUES('WR019b76daa800002597dae38d9d643c25',2,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','WT019b76daa8000024fbb230bbd92a4aa2','WK019b76daa8000014cc22af58be6521cc','ana','completed','WQ019b76daa800000ee1ea24c4f9341c68','WW019b76daa8000010815a47c5f0dfb4a5','TC019b76daa8000008efba91fc803468b6','WA019b76daa8000002fe175330a11d459a',120,1767225720000,1767225600000,1767225600000,0,NULL);
CREATE TABLE schema_versions (number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL);
INSERT INTO "schema_versions" VALUES(1,'foundation',1577836800000);
INSERT INTO "schema_versions" VALUES(2,'taskrouter',1577836800000);
INSERT INTO "schema_versions" VALUES(3,'conversations',1577836800000);
INSERT INTO "schema_versions" VALUES(4,'flex',1577836800000);
INSERT INTO "schema_versions" VALUES(5,'retention',1577836800000);
INSERT INTO "schema_versions" VALUES(6,'idempotency',1577836800000);
INSERT INTO "schema_versions" VALUES(7,'leases',1577836800000);
INSERT INTO "schema_versions" VALUES(8,'erasures',1577836800000);
INSERT INTO "schema_versions" VALUES(9,'transfers',1577836800000);
INSERT INTO "schema_versions" VALUES(10,'statistics',1577836800000);
INSERT INTO "schema_versions" VALUES(11,'deliveries',1577836800000);
INSERT INTO "schema_versions" VALUES(12,'conversation_webhooks',1577836800000);
INSERT INTO "schema_versions" VALUES(13,'steady_epoch',1577836800000);
CREATE TABLE statistics (
    subject_sid TEXT NOT NULL,
    width BIGINT NOT NULL,
    at BIGINT NOT NULL,
    task_channel_sid TEXT NOT NULL,
    figures TEXT NOT NULL,
    spells TEXT NOT NULL,
    splits TEXT NOT NULL,
    PRIMARY KEY (subject_sid, width, at, task_channel_sid)
) WITHOUT ROWID;
CREATE TABLE statistics_places (
    account_sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    position BIGINT NOT NULL
);
INSERT INTO "statistics_places" VALUES('AC00000000000000000000000000000001',0,2);
CREATE TABLE steady_epoch (epoch BIGINT NOT NULL);
INSERT INTO "steady_epoch" VALUES(0);
CREATE TABLE task_channels (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    unique_name TEXT NOT NULL,
    channel_optimized_routing SMALLINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "task_channels" VALUES('TC019b76daa8000005552b82f6be3edc0a',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Default','default',0,1767225600000,1767225600000);
INSERT INTO "task_channels" VALUES('TC019b76daa8000006b8b333a8e5446dd4',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Voice','voice',0,1767225600000,1767225600000);
INSERT INTO "task_channels" VALUES('TC019b76daa8000007b610a9f7f9270f4e',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Chat','chat',0,1767225600000,1767225600000);
INSERT INTO "task_channels" VALUES('TC019b76daa8000008efba91fc803468b6',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','SMS','sms',0,1767225600000,1767225600000);
INSERT INTO "task_channels" VALUES('TC019b76daa80000096c0f3459f79b17ae',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Video','video',0,1767225600000,1767225600000);
CREATE TABLE task_queues (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    target_workers TEXT NOT NULL,
    max_reserved_workers BIGINT NOT NULL,
    task_order TEXT NOT NULL,
    reservation_activity_sid TEXT,
    assignment_activity_sid TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "task_queues" VALUES('WQ019b76daa800000ad47d380d81f9c1f6',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Sample Queue','1==1',1,'FIFO',NULL,NULL,1767225600000,1767225600000);
INSERT INTO "task_queues" VALUES('WQ019b76daa800000ee1ea24c4f9341c68',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Refunds','skills HAS "refunds"',1,'FIFO',NULL,NULL,1767225600000,1767225600000);
CREATE TABLE tasks (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    workflow_sid TEXT,
    configuration_number BIGINT,
    task_queue_sid TEXT,
    task_channel_sid TEXT NOT NULL,
    task_channel_unique_name TEXT NOT NULL,
    assignment_status TEXT NOT NULL,
    attributes TEXT NOT NULL,
    addons TEXT NOT NULL,
    priority BIGINT NOT NULL,
    reason TEXT,
    timeout_s BIGINT NOT NULL,
    routing_target TEXT,
    ignore_capacity SMALLINT NOT NULL,
    assignment_counter BIGINT NOT NULL,
    virtual_start_at BIGINT NOT NULL,
    queue_entered_at BIGINT,
    ended_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    offered_to TEXT NOT NULL,
    transfer TEXT,
    standing TEXT
);
INSERT INTO "tasks" VALUES('WT019b76daa8000024fbb230bbd92a4aa2',3,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','WW019b76daa8000010815a47c5f0dfb4a5',1,'WQ019b76daa800000ee1ea24c4f9341c68','TC019b76daa8000008efba91fc803468b6','sms','completed','{"topic":"refund","customerName":"Joni","flexInteractionSid":"KD019b76daa80000207d5c8dfc5eda92d8","flexInteractionChannelSid":"UO019b76daa800002107923986bb968a43","flexChannelInviteSid":"KG019b76daa8000023b410d93c4efbc8d6","conversationSid":"CH019b76daa8000019acab1a6bc69d4bd8","channelType":"sms","initiatedBy":"customer","direction":"inbound","taskCreateSource":"interaction","customers":{"name":"Joni","phone":null,"email":null},"conversations":{"conversation_id":"KD019b76daa80000207d5c8dfc5eda92d8","initiated_by":"customer","communication_channel":"Sms","media":[{"type":"ChatTranscript","sid":"CH019b76daa8000019acab1a6bc69d4bd8"}],"external_contact":"+12025550100"}}','{}',0,NULL,86400,NULL,0,1,1767225600000,1767225600000,1767225600000,1767225600000,1767225600000,'[]',NULL,'{"place":{"filter_index":0}}');
CREATE TABLE timers (
    kind TEXT NOT NULL,
    subject_sid TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_sid)
) WITHOUT ROWID;
INSERT INTO "timers" VALUES('taskrouter.task.timeout','WT019b76daa8000024fbb230bbd92a4aa2','AC00000000000000000000000000000001',1767225900000);
CREATE TABLE transfers (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    task_sid TEXT NOT NULL,
    initiating_reservation_sid TEXT NOT NULL,
    initiating_worker_sid TEXT NOT NULL,
    initiating_queue_sid TEXT,
    initiating_workflow_sid TEXT,
    transfer_mode TEXT NOT NULL,
    transfer_to TEXT NOT NULL,
    transfer_status TEXT NOT NULL,
    transfer_failed_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE workers (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    activity_sid TEXT NOT NULL,
    available SMALLINT NOT NULL,
    attributes TEXT NOT NULL,
    channels TEXT NOT NULL,
    status_changed_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "workers" VALUES('WK019b76daa8000014cc22af58be6521cc',3,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','ana','ana','WA019b76daa8000002fe175330a11d459a',1,'{"skills": ["orders", "refunds"]}','{"TC019b76daa8000008efba91fc803468b6":{"configured_capacity":1,"available":true,"pending":0,"accepted":0,"wrapping":0,"last_reserved_us":1767225600000000,"updated_at":null}}',1767225600000,1767225600000,1767225600000);
INSERT INTO "workers" VALUES('WK019b76daa80000162c4a3698aa2ca1af',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','bob','bob','WA019b76daa8000002fe175330a11d459a',1,'{"skills": ["orders"]}','{}',1767225600000,1767225600000,1767225600000);
CREATE TABLE workflow_configurations (
    workflow_sid TEXT NOT NULL,
    number BIGINT NOT NULL,
    workspace_sid TEXT NOT NULL,
    configuration TEXT NOT NULL,
    PRIMARY KEY (workflow_sid, number)
);
INSERT INTO "workflow_configurations" VALUES('WW019b76daa800000bab99254ae901e35c',1,'WS019b76daa80000041ef2a4f04be03db0','{"task_routing":{"filters":[{"expression":"1==1","targets":[{"queue":"WQ019b76daa800000ad47d380d81f9c1f6","priority":0}]}]}}');
INSERT INTO "workflow_configurations" VALUES('WW019b76daa8000010815a47c5f0dfb4a5',1,'WS019b76daa80000041ef2a4f04be03db0','{"task_routing": {"filters": [{"expression": "topic == \"refund\"", "targets": [{"queue": "WQ019b76daa800000ee1ea24c4f9341c68"}]}]}}');
CREATE TABLE workflows (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    workspace_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    configuration TEXT NOT NULL,
    configuration_number BIGINT NOT NULL,
    re_evaluated_number BIGINT NOT NULL,
    assignment_callback_url TEXT NOT NULL,
    fallback_assignment_callback_url TEXT NOT NULL,
    reservation_timeout_s BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "workflows" VALUES('WW019b76daa800000bab99254ae901e35c',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','Default Fifo Workflow','{"task_routing":{"filters":[{"expression":"1==1","targets":[{"queue":"WQ019b76daa800000ad47d380d81f9c1f6","priority":0}]}]}}',1,1,'','',120,1767225600000,1767225600000);
INSERT INTO "workflows" VALUES('WW019b76daa8000010815a47c5f0dfb4a5',0,'AC00000000000000000000000000000001','WS019b76daa80000041ef2a4f04be03db0','By topic','{"task_routing": {"filters": [{"expression": "topic == \"refund\"", "targets": [{"queue": "WQ019b76daa800000ee1ea24c4f9341c68"}]}]}}',1,1,'','',120,1767225600000,1767225600000);
CREATE TABLE workspaces (
    sid TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account_sid TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    event_callback_url TEXT NOT NULL,
    events_filter TEXT,
    multi_task_enabled SMALLINT NOT NULL,
    prioritize_queue_order TEXT NOT NULL,
    default_activity_sid TEXT NOT NULL,
    timeout_activity_sid TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "workspaces" VALUES('WS019b76daa80000041ef2a4f04be03db0',0,'AC00000000000000000000000000000001','Bell shop','',NULL,1,'FIFO','WA019b76daa80000012f978d8719999e3f','WA019b76daa80000012f978d8719999e3f',1767225600000,1767225600000);
CREATE INDEX api_keys_of_account ON api_keys (account_sid, created_at, sid);
CREATE INDEX timers_due ON timers (due_at);
CREATE INDEX workspaces_of_account ON workspaces (account_sid, created_at, sid);
CREATE INDEX activities_of_workspace ON activities (workspace_sid, created_at, sid);
CREATE UNIQUE INDEX task_channels_by_name ON task_channels (workspace_sid, unique_name);
CREATE UNIQUE INDEX task_queues_by_name ON task_queues (workspace_sid, friendly_name);
CREATE INDEX workflows_of_workspace ON workflows (workspace_sid, created_at, sid);
CREATE UNIQUE INDEX workers_by_name ON workers (workspace_sid, name_key);
CREATE INDEX workers_of_workspace ON workers (workspace_sid, created_at, sid);
CREATE INDEX workers_by_activity ON workers (activity_sid);
CREATE INDEX tasks_of_workspace ON tasks (workspace_sid, created_at, sid);
CREATE INDEX tasks_open ON tasks (workspace_sid, task_queue_sid) WHERE ended_at IS NULL;
CREATE INDEX reservations_of_task ON reservations (task_sid, created_at, sid);
CREATE INDEX reservations_of_worker ON reservations (worker_sid, created_at, sid);
CREATE UNIQUE INDEX reservations_one_offer ON reservations (task_sid, worker_sid) WHERE reservation_status = 'pending';
CREATE INDEX conversation_services_of_account ON conversation_services (account_sid, created_at, sid);
CREATE INDEX conversation_roles_of_service ON conversation_roles (chat_service_sid, created_at, sid);
CREATE UNIQUE INDEX conversation_users_identity ON conversation_users (chat_service_sid, identity);
CREATE INDEX conversation_users_of_service ON conversation_users (chat_service_sid, created_at, sid);
CREATE UNIQUE INDEX conversations_unique_name ON conversations (chat_service_sid, unique_name)
    WHERE unique_name IS NOT NULL;
CREATE INDEX conversations_of_service ON conversations (chat_service_sid, created_at, sid);
CREATE INDEX conversations_in_state ON conversations (chat_service_sid, state, created_at, sid);
CREATE INDEX conversation_participants_of_conversation
    ON conversation_participants (conversation_sid, created_at, sid);
CREATE UNIQUE INDEX conversation_participants_pair
    ON conversation_participants (account_sid, address, proxy_address) WHERE holds_pair = 1;
CREATE UNIQUE INDEX conversation_participants_identity
    ON conversation_participants (conversation_sid, identity) WHERE identity IS NOT NULL;
CREATE INDEX conversation_participants_by_identity
    ON conversation_participants (chat_service_sid, identity, created_at, sid) WHERE identity IS NOT NULL;
CREATE INDEX conversation_participants_by_address
    ON conversation_participants (chat_service_sid, address, created_at, sid) WHERE address IS NOT NULL;
CREATE UNIQUE INDEX conversation_messages_in_order ON conversation_messages (conversation_sid, message_index);
CREATE INDEX flex_channels_of_interaction ON flex_channels (interaction_sid, created_at, sid);
CREATE UNIQUE INDEX flex_channels_open ON flex_channels (conversation_sid) WHERE status <> 'closed';
CREATE INDEX flex_invites_of_channel ON flex_invites (channel_sid, created_at, sid);
CREATE UNIQUE INDEX flex_invites_by_task ON flex_invites (task_sid);
CREATE INDEX flex_participants_of_channel ON flex_participants (channel_sid, created_at, sid);
CREATE UNIQUE INDEX flex_participants_by_reservation ON flex_participants (reservation_sid)
    WHERE reservation_sid IS NOT NULL;
CREATE INDEX tasks_ended ON tasks (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX conversations_closed ON conversations (updated_at) WHERE state = 'closed';
CREATE INDEX flex_channels_closed ON flex_channels (updated_at) WHERE status = 'closed';
CREATE INDEX kept_answers_by_age ON kept_answers (account_sid, expires_at);
CREATE INDEX erasures_of_account ON erasures (account_sid, created_at, sid);
CREATE INDEX transfers_of_task ON transfers (task_sid, created_at, sid);
CREATE INDEX statistics_by_age ON statistics (at);
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at, position) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (lane, position, holds_until) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_of_account ON deliveries (account_sid, created_at, sid);
CREATE INDEX deliveries_of_status ON deliveries (account_sid, status, created_at, sid);
CREATE INDEX deliveries_of_resource ON deliveries (resource_sid, created_at, sid);
CREATE INDEX deliveries_parked ON deliveries (settled_at) WHERE status = 'parked';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX conversation_webhooks_of_conversation ON conversation_webhooks (conversation_sid, created_at, sid);
