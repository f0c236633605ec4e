//! Words that mean the same to somebody who looks for a tool, in English, German and Spanish.
//!
//! - General words only: what a single server calls its tools has no place here.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use super::words;

/// The stems of each group's words, actions first.
static GROUPS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let groups = ACTIONS.iter().chain(THINGS);
    groups
        .map(|group| group.split(' ').map(words::term).collect())
        .collect()
});

/// Places of groups by the stems of their words, stems in the order of the alphabet.
static BY_STEM: LazyLock<Vec<(&str, Vec<usize>)>> = LazyLock::new(|| {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, group) in GROUPS.iter().enumerate() {
        for stem in group {
            places.entry(stem).or_default().push(at);
        }
    }
    places.into_iter().collect()
});

/// Stems of words that mean the same as this one, without itself.
pub(super) fn of(stem: &str) -> BTreeSet<&'static str> {
    let exact = BY_STEM.binary_search_by(|(known, _)| (*known).cmp(stem)).ok();
    // words of other languages have more endings than are taken off here
    let found = exact.or_else(|| BY_STEM.iter().position(|(known, _)| words::are_alike(known, stem)));
    let groups = found.map_or(&[][..], |at| &BY_STEM[at].1).iter();
    let same = groups.flat_map(|at| &GROUPS[*at]).map(String::as_str);
    same.filter(|word| *word != stem).collect()
}

/// Whether the word with this stem says what is done.
pub(super) fn is_action(stem: &str) -> bool {
    let exact = BY_STEM.binary_search_by(|(known, _)| (*known).cmp(stem));
    exact.is_ok_and(|at| BY_STEM[at].1.iter().any(|group| *group < ACTIONS.len()))
}

/// Words of one meaning, the English ones first: for what is done.
const ACTIONS: &[&str] = &[
    "delete remove erase drop clear wipe discard trash purge löschen lösche entfernen entferne leeren borrar borra eliminar elimina quitar quita",
    "list show get view display read fetch retrieve see browse print look zeigen zeige anzeigen auflisten lesen abrufen ansehen nachsehen listar lista mostrar muestra ver leer obtener consultar",
    "find search query lookup locate suchen suche finden finde buscar busca encontrar encuentra",
    "create add new make insert generate start erstellen erstelle anlegen hinzufügen neu neue neuen einfügen crear crea añadir añade agregar nuevo nueva insertar generar",
    "update edit change modify set alter adjust ändern ändere bearbeiten anpassen setzen aktualisieren actualizar cambiar editar modificar ajustar",
    "write save store put speichern speichere schreiben schreibe guardar guarda escribir escribe",
    "send post submit publish senden sende schicken abschicken veröffentlichen enviar envía publicar",
    "copy duplicate clone kopieren kopiere kopie copiar copia duplicar",
    "move transfer relocate shift verschieben mover mueve trasladar",
    "rename umbenennen renombrar",
    "open navigate go visit load öffnen öffne abrir abre",
    "close shut end finish schließen beenden cerrar cierra",
    "stop cancel abort kill halt stoppen abbrechen anhalten detener cancelar parar",
    "run execute start launch trigger invoke ausführen starten starte ejecutar ejecuta lanzar iniciar",
    "retry rerun restart repeat again erneut wiederholen reintentar repetir",
    "download export herunterladen exportieren descargar exportar",
    "upload import attach hochladen importieren subir importar adjuntar",
    "merge combine join zusammenführen verbinden fusionar combinar unir",
    "compare diff difference vergleichen unterschied comparar diferencia",
    "check verify validate test prüfen überprüfen comprobar verificar validar revisar",
    "approve accept confirm allow genehmigen freigeben annehmen aprobar aceptar",
    "deny reject refuse decline ablehnen rechazar denegar",
    "enable activate aktivieren einschalten activar habilitar",
    "disable deactivate deaktivieren ausschalten desactivar deshabilitar",
    "convert transform umwandeln umrechnen konvertieren convertir transformar",
    "calculate compute count sum berechnen rechnen zählen calcular contar sumar",
    "summarize summarise summary overview zusammenfassen zusammenfassung übersicht resumir resumen",
    "translate translation übersetzen übersetzung traducir traducción",
    "explain describe detail info information about metadata beschreiben einzelheiten describir detalle información",
    "assign unassign delegate zuweisen asignar",
    "invite invitation einladen einladung invitar invitación",
    "subscribe watch follow notification abonnieren suscribir seguir",
    "revert undo rollback restore recover reset rückgängig wiederherstellen zurücksetzen revertir deshacer restaurar",
    "lock protect block sperren bloquear proteger",
    "sort order rank sortieren ordenar",
    "filter filtern filtrar",
    "type enter fill input eingeben ausfüllen escribir rellenar introducir",
    "click press tap hit klicken drücken clic hacer pulsar",
    "take capture screenshot snapshot picture bildschirmfoto aufnehmen captura",
];

/// For what it is done to.
const THINGS: &[&str] = &[
    "repository repo project projekt repositorio proyecto",
    "issue ticket bug aufgabe incidencia",
    "pull merge pr mr request anfrage solicitud",
    "comment note reply remark message kommentar kommentieren anmerkung antwort comentario nota respuesta",
    "label tag etikett etiqueta",
    "user member person people account collaborator benutzer mitglied mitglieder nutzer personen usuario miembro persona cuenta",
    "group team organization organisation gruppe grupo equipo organización",
    "file document datei dateien dokument archivo fichero documento",
    "directory folder ordner verzeichnis carpeta directorio",
    "branch zweig rama",
    "commit revision änderung confirmación",
    "log history verlauf protokoll historial registro",
    "job task pipeline workflow build ci aufgabe tarea trabajo",
    "release version veröffentlichung lanzamiento versión",
    "secret token key password credential schlüssel passwort kennwort clave contraseña",
    "permission access role right berechtigung zugriff rechte permiso acceso",
    "setting config configuration option preference einstellung konfiguration ajuste configuración",
    "variable env environment umgebung umgebungsvariable entorno",
    "server host machine rechner servidor",
    "database db table tabelle datenbank tabla base datos",
    "row line record zeile zeilen datensatz fila registro",
    "column field spalte feld columna campo",
    "sheet worksheet tab blatt arbeitsblatt tabellenblatt hoja",
    "workbook spreadsheet excel arbeitsmappe libro",
    "cell range area zelle zellen bereich celda rango",
    "chart graph plot diagram diagramm grafik gráfico",
    "image picture photo bild bilder foto imagen",
    "page website site web url webseite seite página sitio",
    "email mail inbox nachricht correo mensaje",
    "event appointment meeting calendar termin kalender evento cita reunión calendario",
    "news headline article nachrichten artikel noticias artículo",
    "price cost quote preis kosten kurs precio cotización",
    "stock share company aktie aktien firma unternehmen acción acciones empresa",
    "weather forecast wetter vorhersage tiempo pronóstico clima",
    "map place location address route direction karte ort standort adresse mapa lugar ubicación dirección ruta",
    "hotel flight trip travel reise flug viaje vuelo",
    "paper study publication research studie forschung artículo estudio investigación",
    "vulnerability security advisory cve schwachstelle sicherheitslücke sicherheit vulnerabilidad seguridad",
    "alert warning incident warnung alarm alerta aviso",
    "dependency package library module abhängigkeit paket bibliothek dependencia paquete",
    "thread discussion conversation forum diskussion unterhaltung discusión hilo conversación",
    "reaction emoji reaktion reacción",
    "milestone deadline meilenstein frist hito",
    "state status zustand estado",
    "time date hour zeit uhrzeit datum zeitzone hora fecha zona",
    "code script snippet quelltext programm código fragmento",
    "text content inhalt contenido texto",
    "multiple several many bulk batch mehrere viele varios múltiples",
    "latest newest recent last neueste letzte letzten último última reciente",
    "current now today aktuell jetzt heute actual ahora hoy",
    "child sub nested children untergeordnet hijo",
];
