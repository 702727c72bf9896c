// The common emojis with their shortcuts, which are some of those of the terminal client (client/emojis.py; a test
// holds that they mean the same). Names are without accents and in lower case; the first one is shown.

import { folded } from "./text.js";

const TABLE = {
  faces: `
😀 cara_sonriendo grinning_face grinning
😃 cara_sonriendo_con_ojos_grandes grinning_face_with_big_eyes smiley
😄 grinning_face_with_smiling_eyes smile
😁 beaming_face_with_smiling_eyes grin
😆 grinning_squinting_face laughing satisfied
😅 cara_sonriendo_con_sudor_frio grinning_face_with_sweat sweat_smile
😂 risa cara_llorando_de_risa face_with_tears_of_joy joy
🤣 cara_revolviendose_de_la_risa rolling_on_the_floor_laughing rofl
😊 sonrisa cara_feliz_con_ojos_sonrientes smiling_face_with_smiling_eyes blush
😇 cara_sonriendo_con_aureola smiling_face_with_halo innocent
🙂 cara_sonriendo_ligeramente slightly_smiling_face
🙃 cara_al_reves upside-down_face upside_down_face
😉 guino cara_guinando_el_ojo winking_face wink
😌 cara_de_alivio relieved_face relieved
😍 amor smiling_face_with_heart-eyes heart_eyes smiling_face_with_heart_eyes
🥰 cara_sonriendo_con_corazones smiling_face_with_hearts smiling_face_with_three_hearts
😘 beso cara_lanzando_un_beso face_blowing_a_kiss kissing_heart
😋 cara_saboreando_comida face_savoring_food yum
😛 cara_sacando_la_lengua face_with_tongue stuck_out_tongue
😜 winking_face_with_tongue stuck_out_tongue_winking_eye
🤪 cara_de_loco zany_face
🤓 cara_de_empollon nerd_face
😎 genial cara_sonriendo_con_gafas_de_sol smiling_face_with_sunglasses sunglasses
🥳 cara_de_fiesta partying_face
😏 cara_sonriendo_con_superioridad smirking_face smirk
😒 cara_de_desaprobacion unamused_face unamused
😞 cara_decepcionada disappointed_face disappointed
😔 cara_desanimada pensive_face pensive
😟 cara_preocupada worried_face worried
😕 cara_de_confusion confused_face confused
🙁 slightly_frowning_face
😣 cara_desesperada persevering_face persevere
😩 cara_agotada weary_face weary
🥺 cara_suplicante pleading_face
😢 triste cara_llorando crying_face cry
😭 llanto cara_llorando_fuerte loudly_crying_face sob
😤 cara_resoplando face_with_steam_from_nose triumph
😠 enojo cara_enfadada angry_face angry
😡 cara_cabreada enraged_face rage pout
🤯 cabeza_explotando exploding_head
😳 cara_sonrojada flushed_face flushed
🥵 cara_con_calor hot_face
🥶 cara_con_frio cold_face
😱 cara_gritando_de_miedo face_screaming_in_fear scream
😨 cara_asustada fearful_face fearful
😰 cara_con_ansiedad_y_sudor anxious_face_with_sweat cold_sweat
😓 cara_con_sudor_frio downcast_face_with_sweat sweat
🤗 abrazo cara_con_manos_abrazando smiling_face_with_open_hands hugs hugging_face
🤔 pensando cara_pensativa thinking_face thinking
🤭 cara_con_mano_sobre_la_boca face_with_hand_over_mouth hand_over_mouth
🤫 cara_pidiendo_silencio shushing_face
🤥 cara_de_mentiroso lying_face
😶 cara_sin_boca face_without_mouth no_mouth
😐 cara_neutral neutral_face
😬 cara_haciendo_una_mueca grimacing_face grimacing
🙄 cara_con_ojos_en_blanco face_with_rolling_eyes roll_eyes
😯 cara_estupefacta hushed_face hushed
😮 sorpresa cara_con_la_boca_abierta face_with_open_mouth open_mouth
😲 cara_asombrada astonished_face astonished
🥱 cara_de_bostezo yawning_face
😴 cara_durmiendo sleeping_face sleeping
🤤 cara_babeando drooling_face
🤐 zipper-mouth_face zipper_mouth_face
🥴 cara_de_grogui woozy_face
🤢 cara_de_nauseas nauseated_face
🤧 cara_estornudando sneezing_face
😷 cara_con_mascarilla_medica face_with_medical_mask mask
🤒 cara_con_termometro face_with_thermometer
🤠 cara_con_sombrero_de_vaquero cowboy_hat_face
😈 cara_sonriendo_con_cuernos smiling_face_with_horns smiling_imp
👻 fantasma ghost
💀 calavera skull
🤖 robot robot_face
👽 alienigena alien
💩 caca_con_ojos pile_of_poo poop shit
😺 gato_sonriendo grinning_cat smiley_cat`,
  people: `
👋 hola mano_saludando waving_hand wave
🤚 dorso_de_la_mano raised_back_of_hand
✋ mano_levantada raised_hand hand
👌 ok senal_de_aprobacion_con_la_mano ok_hand
🤏 mano_pellizcando pinching_hand
✌️ mano_con_senal_de_victoria victory_hand v
🤞 dedos_cruzados crossed_fingers
🤘 sign_of_the_horns metal
🤙 mano_haciendo_el_gesto_de_llamar call_me_hand
👈 backhand_index_pointing_left point_left
👉 backhand_index_pointing_right point_right
👆 backhand_index_pointing_up point_up_2
👇 backhand_index_pointing_down point_down
👍 bien pulgar_hacia_arriba thumbs_up +1 thumbsup
👎 mal pulgar_hacia_abajo thumbs_down _1 -1
✊ puno_en_alto raised_fist fist fist_raised
👊 puno_cerrado oncoming_fist punch facepunch
👏 aplauso manos_aplaudiendo clapping_hands clap
🙌 manos_levantadas_celebrando raising_hands raised_hands
👐 manos_abiertas open_hands
🤝 apreton_de_manos handshake
🙏 gracias manos_en_oracion folded_hands pray
✍️ mano_escribiendo writing_hand
💪 biceps_flexionado flexed_biceps muscle
👀 ojos eyes
🧠 cerebro brain
🤷 shrug persona_encogida_de_hombros person_shrugging
🤦 persona_con_la_mano_en_la_frente person_facepalming facepalm
🙋 persona_con_la_mano_levantada person_raising_hand raising_hand
🙇 persona_haciendo_una_reverencia person_bowing bow
💁 person_tipping_hand tipping_hand_person information_desk_person
🏃 persona_corriendo person_running runner running
💃 mujer_bailando woman_dancing dancer
🕺 hombre_bailando man_dancing
👩‍💻 woman_technologist
👨‍💻 man_technologist
👩‍🏫 docente_mujer woman_teacher
👨‍🎓 estudiante_hombre man_student`,
  hearts: `
❤️ corazon corazon_rojo red_heart heart
🧡 corazon_naranja orange_heart
💛 corazon_amarillo yellow_heart
💚 corazon_verde green_heart
💙 corazon_azul blue_heart
💜 corazon_morado purple_heart
🖤 corazon_negro black_heart
🤍 corazon_blanco white_heart
💔 corazon_roto broken_heart
💕 dos_corazones two_hearts
💖 corazon_brillante sparkling_heart
💯 cien_puntos hundred_points 100
💥 colision collision boom
💫 simbolo_de_mareo dizzy
💬 bocadillo_de_dialogo speech_balloon
💤 simbolo_de_sueno zzz
⭐ estrella star
🌟 estrella_brillante glowing_star star2
✨ chispas sparkles
⚡ alto_voltaje high_voltage zap
🔥 fuego fire
🎉 fiesta canon_de_confeti party_popper tada
🎊 bola_de_confeti confetti_ball
🎁 regalo wrapped_gift gift
🏆 trofeo trophy
🥇 medalla_de_oro 1st_place_medal
🎯 diana bullseye dart`,
  nature: `
🐶 cara_de_perro dog_face
🐱 cara_de_gato cat_face
🐭 cara_de_raton mouse_face
🐰 cara_de_conejo rabbit_face
🦊 zorro fox fox_face
🐻 oso bear
🐼 panda panda_face
🐨 koala
🦁 leon lion lion_face
🐸 rana frog
🐵 cara_de_mono monkey_face
🐔 gallina chicken
🐧 pinguino penguin
🦉 buho owl
🦄 unicornio unicorn unicorn_face
🐝 abeja honeybee bee
🦋 mariposa butterfly
🐢 tortuga turtle
🐍 serpiente snake
🐙 pulpo octopus
🐬 delfin dolphin flipper
🐳 ballena_soltando_un_chorro spouting_whale whale
🌵 cactus
🌲 arbol_de_hoja_perenne evergreen_tree
🌴 palmera palm_tree
🌱 planta_joven seedling
🍀 trebol_de_cuatro_hojas four_leaf_clover
🌹 rosa rose
🌻 girasol sunflower
☀️ sol sun sunny
🌙 luna crescent_moon
⛅ sol_detras_de_una_nube sun_behind_cloud partly_sunny
☁️ nube cloud
🌧️ nube_con_lluvia cloud_with_rain
❄️ copo_de_nieve snowflake
🌈 arcoiris rainbow
🌊 ola_de_mar water_wave ocean
🌍 globe_showing_europe-africa earth_africa globe_showing_europe_africa`,
  food: `
🍎 manzana_roja red_apple apple
🍌 platano banana
🍉 sandia watermelon
🍓 fresa strawberry
🍒 cerezas cherries
🍑 melocoton peach
🥑 aguacate avocado
🍅 tomate tomato
🥕 zanahoria carrot
🌽 espiga_de_maiz ear_of_corn corn
🍞 pan_de_molde bread
🧀 cuna_de_queso cheese_wedge cheese
🥚 huevo egg2
🍳 cocinar cooking egg fried_egg
🥓 beicon bacon
🍔 hamburguesa hamburger
🍟 patatas_fritas french_fries fries
🍕 pizza
🌮 taco
🍝 espagueti spaghetti
🍣 sushi
🍦 cucurucho_de_helado soft_ice_cream icecream
🍩 donut doughnut
🍪 galleta cookie
🎂 tarta_de_cumpleanos birthday_cake birthday
🍫 tableta_de_chocolate chocolate_bar
🍿 palomitas popcorn
☕ cafe bebida_caliente hot_beverage coffee
🍵 tazon_de_te teacup_without_handle tea
🍺 cerveza jarra_de_cerveza beer_mug beer
🍷 copa_de_vino wine_glass
🥂 copas_brindando clinking_glasses
🍹 bebida_tropical tropical_drink
🥤 vaso_con_pajita cup_with_straw`,
  things: `
⚽ balon_de_futbol soccer_ball soccer
🏀 balon_de_baloncesto basketball
🎾 pelota_de_tenis tennis
🎮 mando_de_videoconsola video_game
🎲 dado game_die
🎸 guitarra guitar
🎵 nota_musical musical_note
🎬 claqueta clapper_board clapper
📷 camara_de_fotos camera
📱 telefono_movil mobile_phone iphone
💻 ordenador_portatil laptop computer
⌨️ teclado keyboard
🖥️ ordenador_de_sobremesa desktop_computer
🖨️ impresora printer
💡 bombilla light_bulb bulb
🔋 pila battery
🔌 enchufe_electrico electric_plug
📚 libros books
📖 libro_abierto open_book book
📝 cuaderno_de_notas memo pencil
✏️ lapiz pencil2
📌 chincheta pushpin
📎 clip paperclip
📅 calendario calendar date
📈 grafica_de_evolucion_ascendente chart_increasing chart_with_upwards_trend
📊 grafico_de_barras bar_chart
📦 paquete package
🔍 magnifying_glass_tilted_left mag
🔑 llave key
🔒 candado_cerrado locked lock
🔓 candado_abierto unlocked unlock
🔧 llave_inglesa wrench
🔨 martillo hammer
🐛 bicho bug
🧪 tubo_de_ensayo test_tube
🚀 cohete rocket
✈️ avion airplane
🚗 coche automobile car red_car
🚌 autobus bus
🚲 bicicleta bicycle bike
🏠 casa house
🏫 colegio school
⏰ reloj_despertador alarm_clock
⏳ reloj_de_arena_con_tiempo hourglass_not_done hourglass_flowing_sand
💰 bolsa_de_dinero money_bag moneybag
🔔 campana bell
✅ boton_de_marca_de_verificacion check_mark_button white_check_mark
❌ marca_de_cruz cross_mark x
❗ exclamacion_roja red_exclamation_mark exclamation heavy_exclamation_mark
❓ interrogacion_roja red_question_mark question
⚠️ advertencia warning
🚫 prohibido prohibited no_entry_sign
➕ mas plus heavy_plus_sign
🆗 boton_ok ok_button
🏳️‍🌈 bandera_del_arcoiris rainbow_flag
🇪🇸 bandera_espana spain es flag_for_spain`,
};

/** [{group, emojis: [{emoji, names}]}] in the order of the picker. */
export const GROUPS = Object.entries(TABLE).map(([group, rows]) => ({
  group,
  emojis: rows
    .trim()
    .split("\n")
    .map((row) => {
      const [emoji, ...names] = row.split(" ");
      return { emoji, names };
    }),
}));

/** What stands beside a message to react with at once. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

const ALL = GROUPS.flatMap(({ emojis }) => emojis);
const BY_NAME = new Map(ALL.flatMap(({ emoji, names }) => names.map((name) => [name, emoji])));

/** `text` with every known shortcut replaced: `te quiero :corazon:` becomes `te quiero ❤️`. */
export function withEmojis(text) {
  // A colon may end one shortcut or begin the next (`12:30:corazon:`), so a pair that means nothing keeps its second.
  const shortcut = /:([^\s:]{1,100}):/g;
  let result = "";
  let end = 0;
  for (let match = shortcut.exec(text); match !== null; match = shortcut.exec(text)) {
    const emoji = BY_NAME.get(folded(match[1]));
    if (emoji === undefined) shortcut.lastIndex -= 1;
    else {
      result += text.slice(end, match.index) + emoji;
      end = shortcut.lastIndex;
    }
  }
  return result + text.slice(end);
}

/** The shortcut that is being typed at the end of `before`, with its colon: `hola :cora` -> `:cora`. */
export function unfinishedShortcut(before) {
  const match = /(?:^|[\s:(¡¿])(:[^\s:]{2,40})$/.exec(before);
  return match ? match[1] : null;
}

/** What `words` may mean, best first: [{emoji, name}]. */
export function emojisLike(words, most = 60) {
  const wanted = folded(words).trim().replace(/\s+/g, "_");
  const begin = [];
  const inside = [];
  for (const { emoji, names } of ALL) {
    const first = names.find((name) => name.startsWith(wanted));
    const inner = first ?? names.find((name) => name.includes(`_${wanted}`));
    if (first) begin.push({ emoji, name: first });
    else if (inner) inside.push({ emoji, name: inner });
  }
  return [...begin, ...inside].slice(0, most);
}

export const nameOf = (emoji) => ALL.find((each) => each.emoji === emoji)?.names[0] ?? emoji;
