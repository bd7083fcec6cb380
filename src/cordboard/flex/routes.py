"""The table of Flex: a row an operation, under the names of the vendor's OpenAPI files.

Webhooks of interactions are in none of them, they are documented by hand; and of the two operations that the vendor calls
CreateWebChannel, the newer is CreateWebChat here.
"""

from cordboard.rest.routes import Product, Route, Unbuilt

from .actions import channels, configurations, interactions, invites, participants
from .wire.channels import ListChannels, OneChannel, UpdateChannel, channel
from .wire.configurations import FetchConfiguration, configuration
from .wire.interactions import CreateInteraction, OneInteraction, UpdateInteraction, interaction
from .wire.invites import CreateInvite, ListInvites, invite
from .wire.participants import CreateParticipant, ListParticipants, UpdateParticipant, participant

_INTERACTIONS = "/v1/Interactions"
_CHANNELS = f"{_INTERACTIONS}/{{InteractionSid}}/Channels"
_CHANNEL = f"{_CHANNELS}/{{ChannelSid}}"
_INVITES = f"{_CHANNEL}/Invites"
_PARTICIPANTS = f"{_CHANNEL}/Participants"
_TRANSFERS = f"{_CHANNEL}/Transfers"
_WEBHOOKS = "/v1/Instances/{InstanceSid}/InteractionWebhooks"
_INSIGHTS = "/v1/Insights"
_QUALITY = f"{_INSIGHTS}/QualityManagement"
_PLUGINS = "/v1/PluginService"

FLEX = Product(
    name="flex-api",
    hosts=("flex-api",),
    roots=(_INTERACTIONS,),
    routes=(
        Route(
            "POST", _INTERACTIONS, "CreateInteraction", interactions.create, CreateInteraction, interaction, status=201
        ),
        Route("GET", f"{_INTERACTIONS}/{{Sid}}", "FetchInteraction", interactions.fetch, OneInteraction, interaction),
        Route(
            "POST", f"{_INTERACTIONS}/{{Sid}}", "UpdateInteraction", interactions.update, UpdateInteraction, interaction
        ),
        Route("GET", _CHANNELS, "ListInteractionChannel", channels.list_, ListChannels, channel, list_key="channels"),
        Route("GET", f"{_CHANNELS}/{{Sid}}", "FetchInteractionChannel", channels.fetch, OneChannel, channel),
        Route("POST", f"{_CHANNELS}/{{Sid}}", "UpdateInteractionChannel", channels.update, UpdateChannel, channel),
        Route("POST", _INVITES, "CreateInteractionChannelInvite", invites.create, CreateInvite, invite, status=201),
        Route("GET", _INVITES, "ListInteractionChannelInvite", invites.list_, ListInvites, invite, list_key="invites"),
        Route(
            "POST",
            _PARTICIPANTS,
            "CreateInteractionChannelParticipant",
            participants.create,
            CreateParticipant,
            participant,
            status=201,
        ),
        Route(
            "GET",
            _PARTICIPANTS,
            "ListInteractionChannelParticipant",
            participants.list_,
            ListParticipants,
            participant,
            list_key="participants",
        ),
        Route(
            "POST",
            f"{_PARTICIPANTS}/{{Sid}}",
            "UpdateInteractionChannelParticipant",
            participants.update,
            UpdateParticipant,
            participant,
        ),
        Route(
            "GET", "/v1/Configuration", "FetchConfiguration", configurations.fetch, FetchConfiguration, configuration
        ),
        Unbuilt("POST", _TRANSFERS, "CreateInteractionTransfer"),
        Unbuilt("GET", f"{_TRANSFERS}/{{Sid}}", "FetchInteractionTransfer"),
        Unbuilt("POST", f"{_TRANSFERS}/{{Sid}}", "UpdateInteractionTransfer"),
        Unbuilt("POST", _WEBHOOKS, "CreateInteractionWebhook"),
        Unbuilt("GET", _WEBHOOKS, "ListInteractionWebhook"),
        Unbuilt("GET", f"{_WEBHOOKS}/{{Ttid}}", "FetchInteractionWebhook"),
        Unbuilt("POST", f"{_WEBHOOKS}/{{Ttid}}", "UpdateInteractionWebhook"),
        Unbuilt("DELETE", f"{_WEBHOOKS}/{{Ttid}}", "DeleteInteractionWebhook"),
        Unbuilt("GET", "/v1/Channels", "ListChannel"),
        Unbuilt("POST", "/v1/Channels", "CreateChannel"),
        Unbuilt("GET", "/v1/Channels/{Sid}", "FetchChannel"),
        Unbuilt("DELETE", "/v1/Channels/{Sid}", "DeleteChannel"),
        Unbuilt("POST", "/v1/Configuration", "UpdateConfiguration"),
        Unbuilt("GET", f"{_PLUGINS}/Configurations/{{ConfigurationSid}}/Plugins", "ListConfiguredPlugin"),
        Unbuilt(
            "GET", f"{_PLUGINS}/Configurations/{{ConfigurationSid}}/Plugins/{{PluginSid}}", "FetchConfiguredPlugin"
        ),
        Unbuilt("GET", "/v1/FlexFlows", "ListFlexFlow"),
        Unbuilt("POST", "/v1/FlexFlows", "CreateFlexFlow"),
        Unbuilt("GET", "/v1/FlexFlows/{Sid}", "FetchFlexFlow"),
        Unbuilt("POST", "/v1/FlexFlows/{Sid}", "UpdateFlexFlow"),
        Unbuilt("DELETE", "/v1/FlexFlows/{Sid}", "DeleteFlexFlow"),
        Unbuilt("GET", f"{_QUALITY}/Assessments", "ListInsightsAssessments"),
        Unbuilt("POST", f"{_QUALITY}/Assessments", "CreateInsightsAssessments"),
        Unbuilt("POST", f"{_QUALITY}/Assessments/{{AssessmentSid}}", "UpdateInsightsAssessments"),
        Unbuilt("GET", f"{_QUALITY}/Assessments/Comments", "ListInsightsAssessmentsComment"),
        Unbuilt("POST", f"{_QUALITY}/Assessments/Comments", "CreateInsightsAssessmentsComment"),
        Unbuilt("GET", f"{_INSIGHTS}/Conversations", "ListInsightsConversations"),
        Unbuilt("GET", f"{_QUALITY}/Questionnaires", "ListInsightsQuestionnaires"),
        Unbuilt("POST", f"{_QUALITY}/Questionnaires", "CreateInsightsQuestionnaires"),
        Unbuilt("GET", f"{_QUALITY}/Questionnaires/{{QuestionnaireSid}}", "FetchInsightsQuestionnaires"),
        Unbuilt("POST", f"{_QUALITY}/Questionnaires/{{QuestionnaireSid}}", "UpdateInsightsQuestionnaires"),
        Unbuilt("DELETE", f"{_QUALITY}/Questionnaires/{{QuestionnaireSid}}", "DeleteInsightsQuestionnaires"),
        Unbuilt("GET", f"{_QUALITY}/Categories", "ListInsightsQuestionnairesCategory"),
        Unbuilt("POST", f"{_QUALITY}/Categories", "CreateInsightsQuestionnairesCategory"),
        Unbuilt("POST", f"{_QUALITY}/Categories/{{CategorySid}}", "UpdateInsightsQuestionnairesCategory"),
        Unbuilt("DELETE", f"{_QUALITY}/Categories/{{CategorySid}}", "DeleteInsightsQuestionnairesCategory"),
        Unbuilt("GET", f"{_QUALITY}/Questions", "ListInsightsQuestionnairesQuestion"),
        Unbuilt("POST", f"{_QUALITY}/Questions", "CreateInsightsQuestionnairesQuestion"),
        Unbuilt("POST", f"{_QUALITY}/Questions/{{QuestionSid}}", "UpdateInsightsQuestionnairesQuestion"),
        Unbuilt("DELETE", f"{_QUALITY}/Questions/{{QuestionSid}}", "DeleteInsightsQuestionnairesQuestion"),
        Unbuilt("GET", f"{_INSIGHTS}/Segments", "ListInsightsSegments"),
        Unbuilt("POST", f"{_INSIGHTS}/Session", "CreateInsightsSession"),
        Unbuilt("GET", f"{_QUALITY}/Settings/AnswerSets", "FetchInsightsSettingsAnswersets"),
        Unbuilt("GET", f"{_QUALITY}/Settings/CommentTags", "FetchInsightsSettingsComment"),
        Unbuilt("GET", f"{_INSIGHTS}/UserRoles", "FetchInsightsUserRoles"),
        Unbuilt("GET", f"{_PLUGINS}/Plugins", "ListPlugin"),
        Unbuilt("POST", f"{_PLUGINS}/Plugins", "CreatePlugin"),
        Unbuilt("GET", f"{_PLUGINS}/Plugins/{{Sid}}", "FetchPlugin"),
        Unbuilt("POST", f"{_PLUGINS}/Plugins/{{Sid}}", "UpdatePlugin"),
        Unbuilt("POST", f"{_PLUGINS}/Plugins/{{Sid}}/Archive", "UpdatePluginArchive"),
        Unbuilt("GET", f"{_PLUGINS}/Configurations", "ListPluginConfiguration"),
        Unbuilt("POST", f"{_PLUGINS}/Configurations", "CreatePluginConfiguration"),
        Unbuilt("GET", f"{_PLUGINS}/Configurations/{{Sid}}", "FetchPluginConfiguration"),
        Unbuilt("POST", f"{_PLUGINS}/Configurations/{{Sid}}/Archive", "UpdatePluginConfigurationArchive"),
        Unbuilt("GET", f"{_PLUGINS}/Releases", "ListPluginRelease"),
        Unbuilt("POST", f"{_PLUGINS}/Releases", "CreatePluginRelease"),
        Unbuilt("GET", f"{_PLUGINS}/Releases/{{Sid}}", "FetchPluginRelease"),
        Unbuilt("GET", f"{_PLUGINS}/Plugins/{{PluginSid}}/Versions", "ListPluginVersion"),
        Unbuilt("POST", f"{_PLUGINS}/Plugins/{{PluginSid}}/Versions", "CreatePluginVersion"),
        Unbuilt("GET", f"{_PLUGINS}/Plugins/{{PluginSid}}/Versions/{{Sid}}", "FetchPluginVersion"),
        Unbuilt("POST", f"{_PLUGINS}/Plugins/{{PluginSid}}/Versions/{{Sid}}/Archive", "UpdatePluginVersionArchive"),
        Unbuilt("GET", "/v1/account/provision/status", "FetchProvisioningStatus"),
        Unbuilt("GET", "/v1/WebChannels", "ListWebChannel"),
        Unbuilt("POST", "/v1/WebChannels", "CreateWebChannel"),
        Unbuilt("GET", "/v1/WebChannels/{Sid}", "FetchWebChannel"),
        Unbuilt("POST", "/v1/WebChannels/{Sid}", "UpdateWebChannel"),
        Unbuilt("DELETE", "/v1/WebChannels/{Sid}", "DeleteWebChannel"),
        Unbuilt("GET", "/v2/Instances/{InstanceSid}/Users/{FlexUserSid}", "FetchFlexUser"),
        Unbuilt("POST", "/v2/Instances/{InstanceSid}/Users/{FlexUserSid}", "UpdateFlexUser"),
        Unbuilt("POST", "/v2/WebChats", "CreateWebChat"),
    ),
)
